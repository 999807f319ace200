import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { startBrowser } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

describe("the gallery page's film", () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  /** Those that the film plays, oldest first. */
  let ids: string[];

  const film = () => page.getByRole('dialog', { name: 'Film' });
  const seek = (place: number) => film().getByRole('slider', { name: 'Where the film stands' }).fill(`${place}`);
  const open = () => page.getByRole('button', { name: 'Play this day as a film' }).click();

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await server.renew();
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
    const orange = { create: { width: 320, height: 180, channels: 3, background: '#c72' } } as const;
    const bytes = await sharp(orange).jpeg().toBuffer();
    const noon = new Date().setHours(12, 0, 0, 0);
    ids = [];
    for (let at = 0; at < 40; at++) {
      const trigger = at % 2 === 0 ? 'motion' : 'timer';
      const image = newImage({ bytes, width: 320, height: 180, capturedAt: noon + at * 1000, ttl: 86_400, trigger });
      const { id } = await server.store.put(image);
      if (trigger === 'motion') ids.push(id);
    }
    await page.goto(`${server.url}#trigger=motion`);
  });
  afterEach(() => page.context().close());

  it('plays the images that match the filter, oldest first, pauses, seeks and changes speed', async () => {
    await open();
    await film().getByText('20 of 20').waitFor();
    await film()
      .getByText(/front · .*12:00:38/)
      .waitFor();
    await film().getByRole('button', { name: 'Play' }).waitFor();
    await page.keyboard.press('Home');
    await film().getByText('1 of 20').waitFor();
    await film()
      .getByText(/12:00:00/)
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await film().getByText('11 a second').waitFor();
    await seek(9);
    await film().getByText('10 of 20').waitFor();
    const colour = await film()
      .locator('canvas')
      .evaluate((canvas) => {
        const context = canvas instanceof HTMLCanvasElement ? canvas.getContext('2d') : null;
        return [...(context?.getImageData(5, 5, 1, 1).data ?? [])].map((value) => Math.round(value / 40));
      });
    assert.deepEqual(colour, [5, 3, 1, 6]);
    await page.keyboard.press('Escape');
    await film().waitFor({ state: 'detached' });
  });

  it('waits for a picture that is late, and stays where it was led meanwhile', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isLate = (url: string) => url.endsWith(`/images/${encodeURIComponent(ids[5] ?? '')}`);
    await page.route(
      ({ href }) => isLate(href),
      async (route) => {
        await released;
        await route.continue();
      },
    );
    const response = page.waitForResponse((one) => isLate(one.url()));
    await open();
    await film().getByText('Loading').waitFor();
    await film().getByText('5 of 20').waitFor();
    await seek(14);
    await film().getByText('15 of 20').waitFor();
    release();
    await (await response).finished();
    // Another one decoded after it: by then it would be seen.
    await page.evaluate(async (id) => {
      const picture = await fetch(`images/${encodeURIComponent(id)}`);
      await createImageBitmap(await picture.blob());
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }, ids[0] ?? '');
    assert.equal(await film().locator('.count').textContent(), '15 of 20');
  });
});
