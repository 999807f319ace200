import assert from 'node:assert/strict';
import type { Browser, CDPSession, Page } from 'playwright-core';
import sharp from 'sharp';
import { startBrowser } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

describe('the gallery page on a touch screen', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let screen: CDPSession;

  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...fingers: [x: number, y: number][]) =>
    screen.send('Input.dispatchTouchEvent', { type, touchPoints: fingers.map(([x, y], id) => ({ x, y, id })) });

  /** Two fingers on a line through the middle of an element: so far apart before, and so far after. */
  async function pinch(element: string, from: number, to: number): Promise<void> {
    const box = await page.locator(element).boundingBox();
    if (box === null) throw new Error(`${element} is not there`);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await touch('touchStart', [x - from / 2, y]);
    await touch('touchStart', [x - from / 2, y], [x + from / 2, y]);
    for (let step = 1; step <= 5; step++) {
      const apart = from + ((to - from) * step) / 5;
      await touch('touchMove', [x - apart / 2, y], [x + apart / 2, y]);
    }
    await touch('touchEnd');
  }

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    await server.renew();
    const blue = { create: { width: 320, height: 180, channels: 3, background: '#357' } } as const;
    const picture = await sharp(blue).jpeg().toBuffer();
    for (let age = 60; age > 0; age--)
      await server.store.put(
        newImage({ bytes: picture, thumbnail: picture, width: 320, height: 180, capturedAt: Date.now() - age * 1000 }),
      );
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });

  beforeEach(async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
    page = await context.newPage();
    screen = await context.newCDPSession(page);
    await page.goto(server.url);
    await page.locator('button.tile .loaded').first().waitFor();
  });

  afterEach(() => page.context().close());

  it('selects by a long press, adds by a touch, and opens none of them', async () => {
    const box = await page.locator('button.tile').first().boundingBox();
    const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 40];
    await touch('touchStart', [x, y]);
    await page.getByText('1 selected').waitFor();
    await touch('touchEnd');
    await page.locator('button.tile').nth(1).tap();
    await page.getByText('2 selected').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.getByRole('button', { name: 'Select none' }).tap();
    await page.locator('button.tile').nth(1).tap();
    await page.getByRole('dialog').waitFor();
  });

  it('scrolls by a finger, which selects nothing however long that takes', async () => {
    const began = touch('touchStart', [200, 600]);
    // Without waiting for each: a finger that did not move for long enough would press.
    const moves = Array.from({ length: 30 }, (_, step) => touch('touchMove', [200, 590 - step * 10]));
    await Promise.all([began, ...moves]);
    await page.waitForFunction(() => (document.querySelector('.scroller')?.scrollTop ?? 0) > 150);
    // Longer than a long press takes.
    await page.waitForTimeout(500);
    await touch('touchEnd');
    assert.equal(await page.getByText(/selected/).count(), 0);
  });

  it('shows more or less of the time in the strip by two fingers, and does not travel by that', async () => {
    const shown = (zoom: string) => page.locator('.zooms [aria-pressed="true"]').getByText(zoom).waitFor();
    await pinch('.plot', 240, 120);
    await shown('week');
    await pinch('.plot', 120, 240);
    await shown('day');
  });

  it('enlarges an opened image by two fingers, without going to the next', async () => {
    await page.locator('button.tile').nth(3).tap();
    const picture = page.getByRole('dialog').locator('.picture');
    await picture.locator('.full.loaded').waitFor();
    const width = async () => (await picture.boundingBox())?.width ?? 0;
    const before = await width();
    const address = page.url();
    await pinch('dialog .stage', 80, 240);
    await page.waitForFunction(
      (least) => (document.querySelector('dialog .picture')?.getBoundingClientRect().width ?? 0) > least,
      before * 2,
    );
    assert.equal(page.url(), address);
    await pinch('dialog .stage', 240, 40);
    await page.waitForFunction(
      (most) => (document.querySelector('dialog .picture')?.getBoundingClientRect().width ?? 0) < most,
      before + 1,
    );
    assert.equal(page.url(), address);
  });
});
