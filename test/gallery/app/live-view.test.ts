import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { LiveFrameWriter } from '../../../core/live-frame-writer';
import { offerLive } from '../../../core/live-offers';
import { startBrowser, watchPage } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

describe("the gallery page's live picture", () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  const pictures = new Map<string, Buffer>();
  const sending = new Set<NodeJS.Timeout>();

  const choice = (camera: string) =>
    page.getByRole('navigation', { name: 'Cameras' }).getByRole('button', { name: camera });
  const view = () => page.getByRole('dialog', { name: 'Live picture' });
  const status = (text: string | RegExp) => view().getByRole('status').filter({ hasText: text }).waitFor();
  /** Resolves when the middle of the picture has about this colour. */
  const shows = (colour: [number, number, number]) =>
    page.evaluate(`new Promise((resolve) => {
      const look = () => {
        const canvas = document.querySelector('dialog canvas');
        const seen = canvas?.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
        if (seen && [${colour}].every((value, at) => Math.abs(value - seen[at]) < 12)) resolve();
        else requestAnimationFrame(look);
      };
      look();
    })`);

  /** Sends frames of a colour, twenty a second, until the returned function is called. */
  function sendFrames(camera: string, colour: string): () => void {
    const writer = new LiveFrameWriter(server.connection, camera);
    const timer = setInterval(() => {
      writer.send(pictures.get(colour) ?? assert.fail(colour), Date.now()).catch(() => undefined);
    }, 50);
    sending.add(timer);
    return () => clearInterval(timer);
  }

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    for (const background of ['#c72', '#27c']) {
      const picture = sharp({ create: { width: 320, height: 180, channels: 3, background } });
      pictures.set(background, await picture.jpeg().toBuffer());
    }
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    await server.renew();
    const bytes = pictures.get('#c72');
    for (const camera of ['attic', 'front', 'garden']) await server.store.put(newImage({ camera, bytes }));
    const offer = { fps: 20, width: 320 };
    const offers = { front: offer, garden: offer };
    await offerLive(server.connection, new Map(Object.entries(offers)));
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  });
  afterEach(async () => {
    await page.context().close();
    for (const timer of sending) clearInterval(timer);
    sending.clear();
  });

  it('follows the camera, counts its frames, and is left by Escape', async () => {
    const watched = await watchPage(page);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Live' }).click();
    await status('Waiting for the first picture');
    const stop = sendFrames('front', '#c72');
    await status(/^Live$/);
    await shows([0xcc, 0x77, 0x22]);
    stop();
    sendFrames('front', '#27c');
    await shows([0x22, 0x77, 0xcc]);
    await view()
      .getByText(/^\d+ frames, \d+ skipped, 0 repeated, 0 torn$/)
      .waitFor();
    await view()
      .getByText(/^[1-9][\d.]* a second$/)
      .waitFor();
    assert.equal(new URL(page.url()).hash, '#live=front');
    await page.keyboard.press('Escape');
    await view().waitFor({ state: 'detached' });
    // The browser goes back in its own time.
    await page.waitForURL(server.url);
    assert.deepEqual(watched.errors, []);
    assert.deepEqual((await watched.seen()).violations, []);
  });

  it('is offered where a camera has one, and goes from one camera to the next by arrow and by name', async () => {
    sendFrames('front', '#c72');
    sendFrames('garden', '#27c');
    await page.goto(server.url);
    await choice('attic').click();
    await page.getByRole('button', { name: 'Live' }).waitFor({ state: 'detached' });
    await choice('garden').click();
    await page.getByRole('button', { name: 'Live' }).click();
    await shows([0x22, 0x77, 0xcc]);
    await page.keyboard.press('ArrowLeft');
    await shows([0xcc, 0x77, 0x22]);
    await view().getByRole('button', { name: 'garden' }).click();
    await shows([0x22, 0x77, 0xcc]);
    assert.deepEqual(await view().getByRole('group').getByRole('button').allTextContents(), ['front', 'garden']);
    await page.goBack();
    await view().waitFor({ state: 'detached' });
  });

  it('says since when no frame comes any more, and goes on with the next', async () => {
    await page.goto(`${server.url}#live=front`);
    const stop = sendFrames('front', '#c72');
    await shows([0xcc, 0x77, 0x22]);
    stop();
    await status(/^No live picture for \d+ s$/);
    sendFrames('front', '#27c');
    await status(/^Live$/);
    await shows([0x22, 0x77, 0xcc]);
  });

  it('says where a camera has none, and asks for nothing while nobody can see it', async () => {
    await page.goto(`${server.url}#live=attic`);
    await status("attic can't be looked at live");
    await view()
      .getByText(/its configuration has 'live'/)
      .waitFor();
    sendFrames('garden', '#27c');
    await view().getByRole('button', { name: 'garden' }).click();
    await shows([0x22, 0x77, 0xcc]);
    const hide = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await hide('hidden');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const counted = await view()
      .getByText(/skipped/)
      .textContent();
    // A second of frames goes by; that the clock ticks shows that the page is at work.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 1000))');
    assert.equal(
      await view()
        .getByText(/skipped/)
        .textContent(),
      counted,
    );
    assert.deepEqual(
      asked.filter((url) => url.includes('/live/')),
      [],
    );
    const request = page.waitForRequest(/live\/garden/);
    await hide('visible');
    await request;
  });
});
