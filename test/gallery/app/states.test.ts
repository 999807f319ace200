import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { LiveFrameWriter } from '../../../core/live-frame-writer';
import { offerLive } from '../../../core/live-offers';
import { startBrowser } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

describe('the gallery page, when something is not as usual', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let picture: Buffer;
  let newest: string;
  let older: string;

  const dialog = () => page.getByRole('dialog');
  const filled = () => page.waitForFunction(() => document.fullscreenElement?.matches('dialog .room'));

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    const colour = { create: { width: 320, height: 180, channels: 3, background: '#473' } } as const;
    picture = await sharp(colour).jpeg().toBuffer();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await server.renew({ permissions: { capture: false, pin: true, delete: true } });
    older = (await server.store.put(newImage({ bytes: picture, capturedAt: Date.now() - 60_000 }))).id;
    newest = (await server.store.put(newImage({ bytes: picture }))).id;
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  });
  afterEach(() => page.context().close());

  it('fills the screen with the wall as soon as somebody hangs it, and ends that with F', async () => {
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Wall' }).click();
    await filled();
    assert.equal(await page.getByText(/did not work/).count(), 0);
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.fullscreenElement === null);
    await dialog().getByRole('button', { name: 'Full screen' }).click();
    await filled();
  });

  it('fills the screen with a live picture by button and by F', async () => {
    await offerLive(server.connection, new Map([['front', { fps: 20, width: 320 }]]));
    await new LiveFrameWriter(server.connection, 'front').send(picture, Date.now());
    await page.goto(`${server.url}#live=front`);
    await dialog().getByRole('button', { name: 'Full screen' }).click();
    await filled();
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.fullscreenElement === null);
    await page.keyboard.press('f');
    await filled();
  });

  it('gives the keyboard back to the button that hung the wall, from the full screen too', async () => {
    await page.goto(server.url);
    const button = page.getByRole('button', { name: 'Wall' });
    await button.focus();
    await page.keyboard.press('Enter');
    await filled();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.textContent?.trim() === 'Wall');
  });

  it('closes what a button of the bar has opened by Escape, wherever in the bar the keyboard is', async () => {
    await page.goto(server.url);
    const panels = page.getByRole('form', { name: 'Filter' });
    const button = page.getByRole('button', { name: 'Filter' });
    for (const wander of [[], ['Tab']]) {
      await button.focus();
      await page.keyboard.press('Enter');
      await panels.waitFor();
      for (const key of wander) await page.keyboard.press(key);
      await page.keyboard.press('Escape');
      await panels.waitFor({ state: 'detached' });
      assert.equal(await button.evaluate((one) => one === document.activeElement), true);
    }
  });

  it('opens an image without its focus on what would open another one', async () => {
    await page.goto(server.url);
    await page.locator(`button[data-image="${older}"]`).focus();
    await page.keyboard.press('Enter');
    await dialog().locator('.full.loaded').waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await dialog().evaluate((one) => one === document.activeElement), true);
    assert.ok(page.url().endsWith(`#image=${older}`), page.url());
  });

  it('tries a picture again that did not come, and keeps what is known of one that never does', async () => {
    let asked = 0;
    await page.route('**/images/*', async (route) => {
      const request = route.request();
      if (request.resourceType() !== 'image') return route.continue();
      const isNewest = request.url().endsWith(encodeURIComponent(newest));
      if (isNewest) asked += 1;
      return isNewest && asked > 1 ? route.continue() : route.abort();
    });
    await page.goto(`${server.url}#image=${newest}`);
    await dialog().locator('.full.loaded').waitFor();
    assert.equal(asked, 2);
    await page.keyboard.press('ArrowRight');
    await dialog().getByText('This image could not be shown.').waitFor();
    for (const action of ['Keep', 'Delete']) await dialog().getByRole('button', { name: action }).waitFor();
    await server.connection.client.unlink(server.connection.keys.image(older));
    await page.goto('about:blank');
    await page.goto(`${server.url}#image=${older}`);
    await dialog().getByText('This image is not here.').waitFor();
  });

  it('says once that one is not allowed to see the images, and what to do', async () => {
    let allowed = false;
    await page.route('**/api/**', (route) => (allowed ? route.continue() : route.fulfill({ status: 403, body: 'No' })));
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'You are not allowed to see these images' }).waitFor();
    assert.equal(await page.getByText(/not allowed/).count(), 1);
    // From the next visit on, and not before: this page asks again as soon as it hears of anything.
    await page.route(server.url, (route) => {
      allowed = true;
      return route.continue();
    });
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator(`button[data-image="${newest}"]`).waitFor();
  });

  it('shows all cameras where an address names none that there can be, and no time where it names no image', async () => {
    const refused: string[] = [];
    page.on('response', (response) => response.status() === 400 && refused.push(response.url()));
    await page.goto(`${server.url}#camera=<b>Front`);
    await page.locator(`button[data-image="${newest}"]`).waitFor();
    assert.deepEqual(refused, []);
    await page.goto('about:blank');
    await page.goto(`${server.url}#image=../../x`);
    await dialog().getByText('This image is not here.').waitFor();
    assert.equal(await dialog().locator('.when').textContent(), '');
    assert.equal(await dialog().locator('h2').textContent(), '');
  });

  it('says that Redis is away until it is back, and once where the images would stand', async () => {
    const away = page.getByText(/Redis at .* is redis-server running there\?/);
    await page.clock.install();
    await page.goto(server.url);
    await page.locator(`button[data-image="${newest}"]`).waitFor();
    await server.followed();
    await redis.kill();
    await away.waitFor();
    // Longer than what happened once is said.
    await page.clock.fastForward(20_000);
    assert.equal(await away.count(), 1);
    await page.reload();
    await page.getByRole('heading', { name: 'The images could not be loaded' }).waitFor();
    // It asks again and again, and for more than the images.
    await page.waitForResponse((response) => response.url().endsWith('/api/cameras') && response.status() === 503);
    assert.equal(await away.count(), 1);
    await redis.resume();
    // It had nothing on disk.
    const back = (await server.store.put(newImage({ bytes: picture }))).id;
    await page.locator(`button[data-image="${back}"]`).waitFor();
    assert.equal(await away.count(), 0);
  });
});
