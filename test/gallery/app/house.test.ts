import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { Warning } from '../../../core/messages';
import { startBrowser, watchPage } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

describe('what the gallery tells of the house', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let warnings: Warning[] = [];
  let changed: (camera: string, available: boolean) => void;

  const button = () => page.getByRole('button', { name: /^House/ });
  const panel = () => page.getByRole('region', { name: 'House' });

  before(async () => {
    await redis.start(['--maxmemory', '100mb']);
    server = await new GalleryServer(redis).start();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });
  beforeEach(async () => {
    warnings = [];
    await server.renew({
      control: {
        capture: async () => {},
        available: (camera) => camera !== 'attic',
        warnings: (camera) => (camera === 'front' ? warnings : []),
        onAvailability: (listener) => {
          changed = listener;
          return () => {};
        },
      },
    });
    const grey = { create: { width: 320, height: 180, channels: 3, background: '#777' } } as const;
    const picture = { bytes: await sharp(grey).jpeg().toBuffer() };
    const hour = 3_600_000;
    for (const age of [2 * hour, hour, 0])
      await server.store.put(newImage({ ...picture, capturedAt: Date.now() - age, ttl: 5 * 3600 + 600 }));
    const { id } = await server.store.put(
      newImage({ ...picture, camera: 'attic', capturedAt: Date.now() - 2 * hour, ttl: 20_000 }),
    );
    await server.store.pin(id);
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  });
  afterEach(() => page.context().close());

  it('is each camera with its images, size, rate and time left, and the memory of Redis', async () => {
    const { errors } = await watchPage(page);
    await page.goto(server.url);
    await button().focus();
    await page.keyboard.press('Enter');
    const cameras = panel().getByRole('list', { name: 'Cameras' }).getByRole('listitem');
    await cameras.first().waitFor();
    const [attic = '', front = ''] = await cameras.allInnerTexts();
    assert.match(attic, /attic\s*offline, 2 h ago\s*1 image, 1 kept/);
    assert.match(front, /front\s*(just now|\d+ s ago)\s*3 images\s*[\d.]+ (B|KB)\s*1 an hour\s*4 h left on average/);
    const meter = panel().getByRole('meter');
    assert.match(
      (await meter.getAttribute('aria-valuetext')) ?? '',
      /^[\d.]+ MB of 100 MB memory used, [\d.]+ MB left$/,
    );
    await page.keyboard.press('Escape');
    await panel().waitFor({ state: 'detached' });
    assert.equal(await button().evaluate((one) => one === document.activeElement), true);
    assert.deepEqual(errors, []);
  });

  it('is how many warnings there are, without a reload, and what they say where one looks', async () => {
    await page.goto(server.url);
    await page.getByRole('button', { name: 'House', exact: true }).waitFor();
    await server.followed();
    const message = 'front is silent: the last 3 pictures that its timer asked for failed';
    warnings = [{ kind: 'silent', since: new Date().toISOString(), message }];
    changed('front', true);
    await page.getByRole('button', { name: 'House, 1 warning' }).click();
    await panel().getByText(message).waitFor();
    warnings = [];
    changed('front', true);
    await page.getByRole('button', { name: 'House', exact: true }).waitFor();
    await panel().getByText(message).waitFor({ state: 'detached' });
  });

  it('is that the memory is not told, where Redis keeps it to itself', async () => {
    await server.connection.client.sendCommand(['ACL', 'SETUSER', 'default', '-info']);
    await page.goto(server.url);
    await button().click();
    await panel().getByText('the access rules of Redis forbid to ask').waitFor();
    assert.equal(await panel().getByRole('meter').count(), 0);
    await server.connection.client.sendCommand(['ACL', 'SETUSER', 'default', '+info']);
  });
});
