import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { LiveFrameWriter } from '../../../core/live-frame-writer';
import { offerLive } from '../../../core/live-offers';
import { startBrowser } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

/** What axe finds that hinders people: `rule: element`. It runs outside of the page's policy, as an extension would. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  // Colours are judged as they are, not while they fade.
  await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined)))');
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target)))`);
}

describe('the gallery page, for everybody', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let picture: Buffer;

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    await server.renew({
      permissions: { capture: true, pin: true, delete: true },
      control: { capture: async () => {}, available: (camera) => camera !== 'attic', onAvailability: () => () => {} },
    });
    const grey = { create: { width: 320, height: 180, channels: 3, background: '#777' } } as const;
    picture = await sharp(grey).jpeg().toBuffer();
    for (const camera of ['attic', 'front', 'garden'])
      await server.store.put(
        newImage({ camera, bytes: picture, thumbnail: picture, lux: 20, meta: { ExposureTime: 4000, note: 'x' } }),
      );
    await offerLive(server.connection, new Map([['front', { fps: 10, width: 320 }]]));
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    describe(`in the ${colorScheme} scheme`, () => {
      let page: Page;

      before(async () => {
        const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
        page = await context.newPage();
      });

      after(() => page.context().close());

      beforeEach(async () => {
        await page.goto('about:blank');
        await page.goto(server.url);
        await page.locator('button.tile .loaded').first().waitFor();
      });

      it('has no fault in the grid, while images are selected either', async () => {
        assert.deepEqual(await faults(page), []);
        await page.locator('button.tile').first().focus();
        await page.keyboard.press(' ');
        await page.getByText('1 selected').waitFor();
        assert.deepEqual(await faults(page), []);
      });

      it('has no fault in the filter', async () => {
        await page.getByRole('button', { name: 'Filter' }).click();
        await page.getByRole('button', { name: 'motion' }).click();
        await page.getByRole('heading', { name: 'No images match the filter' }).waitFor();
        assert.deepEqual(await faults(page), []);
      });

      it('has no fault in the house', async () => {
        await page.getByRole('button', { name: 'House' }).click();
        await page.getByRole('region', { name: 'House' }).getByText('front').waitFor();
        assert.deepEqual(await faults(page), []);
      });

      it('has no fault in the large view', async () => {
        await page.locator('button.tile').first().click();
        await page.getByRole('dialog').locator('.full.loaded').waitFor();
        await page.locator('summary').click();
        assert.deepEqual(await faults(page), []);
      });

      it('has no fault in the film and on the wall', async () => {
        await page.getByRole('button', { name: /Play this day/ }).click();
        await page.getByText('3 of 3').waitFor();
        assert.deepEqual(await faults(page), []);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Wall' }).click();
        await page.getByRole('dialog', { name: 'Wall' }).waitFor();
        assert.deepEqual(await faults(page), []);
      });

      it('has no fault in the live picture, while it waits for the first frame either', async () => {
        await server.connection.client.del('house:live:front');
        await page.getByRole('button', { name: 'Live' }).click();
        await page.getByText('Waiting for the first picture').waitFor();
        assert.deepEqual(await faults(page), []);
        await new LiveFrameWriter(server.connection, 'front').send(picture, Date.now());
        await page.getByText('1 frame,').waitFor();
        assert.deepEqual(await faults(page), []);
      });
    });
  }
});
