import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { startBrowser, watchPage } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

const names = Array.from({ length: 40 }, (_, at) => `camera-${at + 10}`);

describe('the gallery page of forty cameras', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;

  const row = () => page.getByRole('navigation', { name: 'Cameras' });
  /** Whether an element lies within the window as a whole. */
  const inSight = async (element: Locator) => {
    const box = await element.boundingBox();
    const size = page.viewportSize();
    if (box === null || size === null) return false;
    return box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
  };

  async function open(size: { width: number; height: number }): Promise<void> {
    page = await (await browser.newContext({ viewport: size })).newPage();
  }

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    await server.renew();
    const green = { create: { width: 320, height: 180, channels: 3, background: '#486' } } as const;
    const bytes = await sharp(green).jpeg().toBuffer();
    await Promise.all(names.map((camera) => server.store.put(newImage({ camera, bytes, thumbnail: bytes }))));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  afterEach(() => page.context().close());

  it('shows the camera that a link names in the bar, and the others to the wheel of a mouse', async () => {
    await open({ width: 1200, height: 800 });
    await page.goto(`${server.url}#camera=camera-40`);
    const chosen = row().locator('[aria-pressed="true"]').filter({ hasText: 'camera-40' });
    await chosen.waitFor();
    const [box, edge] = [await chosen.boundingBox(), await row().boundingBox()];
    assert.ok(box !== null && edge !== null);
    assert.ok(box.x >= edge.x && box.x + box.width <= edge.x + edge.width, `${box.x} in ${edge.x} + ${edge.width}`);
    await page.locator('nav.more-before.more-after').waitFor();
    await row().hover();
    await page.mouse.wheel(0, 100_000);
    await page.waitForFunction(() => {
      const list = document.querySelector('nav');
      return list !== null && list.scrollLeft > 0 && list.scrollLeft + list.clientWidth >= list.scrollWidth - 1;
    });
  });

  it('has images in sight where it is enlarged to 400 %, and nothing that moves while it loads', async () => {
    await open({ width: 320, height: 256 });
    const complaints = await watchPage(page);
    await page.goto(server.url);
    const tile = page.locator('button[data-image]').first();
    await tile.locator('img.loaded').waitFor();
    const box = await tile.boundingBox();
    assert.ok(box !== null && box.y < 256, `the first image begins at ${box?.y}`);
    assert.deepEqual((await complaints.seen()).shifts, []);
  });

  it('lets everybody leave the wall, however little room its names have', async () => {
    await open({ width: 320, height: 256 });
    await page.goto(`${server.url}#wall`);
    const wall = page.getByRole('dialog', { name: 'Wall' });
    await wall.getByRole('button', { name: 'camera-49' }).waitFor({ state: 'attached' });
    const close = wall.getByRole('button', { name: 'Close' });
    assert.equal(await inSight(close), true);
    await close.click();
    await wall.waitFor({ state: 'detached' });
  });
});
