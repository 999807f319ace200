import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { NewImage } from '../../../core/image';
import { startBrowser, watchPage } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

const minute = 60_000;
const hour = 60 * minute;
const week = 7 * 24 * 3600;

describe('the grid of the gallery page', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let picture: Buffer;
  /** What the page has asked for in pages of images. */
  let fetched: Set<string>;

  // The oldest first: a camera's images are numbered, and timed, in the order in which they are stored.
  const put = (given: Partial<NewImage>) =>
    server.store.put(newImage({ bytes: picture, thumbnail: picture, ttl: week, ...given }));
  const tile = (id: string) => page.locator(`button[data-image="${id}"]`);
  const timeOf = (id: string) => Number(id.split(':')[1]);

  /** The image in the upper left corner, and where its tile stands. */
  const first = () =>
    page.locator('.scroller').evaluate((scroller) => {
      const above = scroller.getBoundingClientRect().top;
      const tiles = Array.from(scroller.querySelectorAll<HTMLElement>('button.tile')).map((one) => ({
        id: one.dataset.image ?? '',
        top: one.getBoundingClientRect().top - above,
        left: one.getBoundingClientRect().left,
      }));
      const inSight = tiles.filter(({ top }) => top >= 0).sort((a, b) => a.top - b.top || a.left - b.left);
      return inSight[0] ?? { id: '', top: 0, left: 0 };
    });
  /** Scrolls as who drags the scrollbar: to a share of all there is. Resolves when there are tiles in sight. */
  async function drag(share: number): Promise<void> {
    await page.locator('.scroller').evaluate((scroller, to) => {
      scroller.scrollTop = to * (scroller.scrollHeight - scroller.clientHeight);
    }, share);
    await page.waitForFunction(() => {
      const box = document.querySelector('.scroller')?.getBoundingClientRect();
      if (box === undefined) return false;
      const middle = [box.left + 100, box.top + box.height / 2] as const;
      const around = [0, 40, 80, 120].flatMap((below) => document.elementsFromPoint(middle[0], middle[1] + below));
      return around.some((one) => one.matches('button.tile'));
    });
  }
  const whole = (least: number) =>
    page.waitForFunction((height) => (document.querySelector('.scroller')?.scrollHeight ?? 0) > height, least);

  async function open(address = ''): Promise<void> {
    await page.goto(server.url + address);
    await page.locator('button.tile').first().waitFor();
  }

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    const green = { create: { width: 160, height: 90, channels: 3, background: '#375' } } as const;
    picture = await sharp(green).jpeg().toBuffer();
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
    fetched = new Set();
    page.on('response', async (response) => {
      if (!response.url().includes('/api/images?')) return;
      const { images } = (await response.json()) as { images: { id: string }[] };
      for (const { id } of images) fetched.add(id);
    });
  });

  afterEach(() => page.context().close());

  describe('with thousands of images of five days', () => {
    const count = 3000;
    const span = 5 * 24 * hour;
    const crowded = 1500;
    let newest = 0;
    let crowdedHour = 0;
    const oldest = () => `front:${newest - span}`;

    before(async () => {
      await server.renew({ permissions: { capture: false, pin: true, delete: true } });
      newest = Date.now() - minute;
      crowdedHour = Math.floor((newest - span) / hour) * hour - 10 * hour;
      const even = Array.from({ length: count }, (_, at) => ({
        capturedAt: Math.round(newest - (at * span) / (count - 1)),
        trigger: at % 3 === 0 ? ('motion' as const) : ('timer' as const),
      }));
      await Promise.all(even.toReversed().map(put));
    });

    it('has a scrollbar for all of them, lands in the middle and at the bottom, and loads only what is seen', async () => {
      const watched = await watchPage(page);
      await open();
      await whole((count / 6) * 100);
      await drag(0.5);
      const middle = timeOf((await first()).id);
      assert.ok(Math.abs(middle - (newest - span / 2)) < 3 * hour, `${(newest - middle) / hour} hours ago`);
      await drag(1);
      await tile(oldest()).waitFor();
      assert.ok(fetched.size < 1000, `${fetched.size} were loaded`);
      assert.ok((await page.locator('button.tile').count()) < 200);
      assert.equal(await page.getByRole('button', { name: / new$/ }).count(), 0);
      assert.deepEqual(watched.errors, []);
    });

    it('goes to the oldest and to the newest by End and Home, and on from there', async () => {
      await open();
      await page.locator('button.tile').first().focus();
      await page.keyboard.press('End');
      const focused = (id: string) => page.locator(`button[data-image="${id}"]:focus`).waitFor();
      await focused(oldest());
      await page.keyboard.press('ArrowLeft');
      await focused(`front:${Math.round(newest - ((count - 2) * span) / (count - 1))}`);
      await page.keyboard.press('Home');
      await focused(`front:${newest}`);
    });

    it('shows as many as match the filter, and the last of them at the bottom', async () => {
      await open('#trigger=motion');
      await whole((count / 3 / 6) * 100);
      const height = await page.locator('.scroller').evaluate((scroller) => scroller.scrollHeight);
      await drag(1);
      await tile(`front:${Math.round(newest - ((count - 3) * span) / (count - 1))}`).waitFor();
      await page.goto('about:blank');
      await open();
      await whole(height * 1.5);
    });

    it('selects by Shift also what was never loaded', async () => {
      await open();
      await page.locator('button.tile').first().focus();
      await page.keyboard.press(' ');
      await page.getByText('1 selected').waitFor();
      await page.keyboard.press('Shift+End');
      await page.getByText('3,000 selected').waitFor();
    });

    it('opens an image that a link names with its neighbours, and goes on from there', async () => {
      const at = (place: number) => `front:${Math.round(newest - (place * span) / (count - 1))}`;
      await open(`#image=${at(1500)}`);
      await page.getByRole('dialog').locator('.film [aria-current="true"]').waitFor();
      for (let place = 1501; place < 1530; place++) {
        await page.keyboard.press('ArrowRight');
        await page.waitForFunction((id) => location.hash.includes(id), at(place));
      }
      assert.ok(fetched.size < 600, `${fetched.size} were loaded`);
    });

    it('lands within an hour that holds a thousand and more, and loads only a part of it', async () => {
      await Promise.all(
        Array.from({ length: crowded }, (_, at) =>
          put({ camera: 'street', capturedAt: crowdedHour + Math.round((at * hour) / crowded) }),
        ),
      );
      await open('#camera=street');
      await whole((crowded / 6) * 100);
      fetched.clear();
      await drag(0.7);
      const shown = timeOf((await first()).id);
      assert.ok(Math.abs(shown - (crowdedHour + 0.3 * hour)) < 6 * minute, new Date(shown).toISOString());
      assert.ok(fetched.size < 900, `${fetched.size} were loaded`);
    });
  });

  it('stays where it is while images come, go and expire above', async () => {
    await server.renew();
    // Time passes in the page alone, so that no image is gone before the page has shown it.
    await page.clock.install();
    const now = Date.now();
    const at = (place: number) => now - minute - place * 3 * minute;
    const places = Array.from({ length: 600 }, (_, place) => place).toReversed();
    await Promise.all(
      places.map((place) =>
        put({
          capturedAt: at(place),
          ...(place >= 40 && place < 70 && { ttl: Math.ceil((now - at(place)) / 1000) + 3600 }),
        }),
      ),
    );
    await open();
    await whole(600 * 20);
    await drag(0.5);
    const before = await first();
    const height = () => page.locator('.scroller').evaluate((scroller) => scroller.scrollHeight);
    const whileHigh = await height();
    await server.followed();
    for (let place = 0; place < 30; place++) await server.store.delete(`front:${at(place)}`);
    await put({});
    await page.getByRole('button', { name: '1 new' }).waitFor();
    await page.clock.fastForward('01:00:01');
    // 30 were deleted and 30 expire: at least eight lines are gone then.
    await page.waitForFunction(
      (most) => (document.querySelector('.scroller')?.scrollHeight ?? 0) < most,
      whileHigh - 8 * 100,
    );
    const after = await first();
    assert.equal(after.id, before.id);
    assert.ok(Math.abs(after.top - before.top) < 1.5, `it moved by ${after.top - before.top}`);
  });

  it('scrolls through a million images on a phone, where no element can be so high', async () => {
    await server.renew();
    await put({ capturedAt: Date.now() });
    const end = Math.floor(Date.now() / hour) * hour;
    const [hours, each] = [2100, 480];
    const image = (capturedAt: number) => ({
      ...{ id: `front:${capturedAt}`, camera: 'front', timestamp_ms: capturedAt, expires_at: null, ttl: null, size: 1 },
      ...{ width: 160, height: 90, lux: null, sequence: 1, trigger: 'timer', trigger_source: '', meta: {} },
    });
    // A million images would take Redis a minute: only what is asked for is made up.
    await page.route('**/api/counts?*', (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const length = Number(asked.get('minutes')) * minute;
      const [from, to] = [Number(asked.get('from') ?? end - hours * hour), Number(asked.get('to') ?? end - 1)];
      const counts = [];
      for (let start = Math.floor(to / length) * length; start >= from; start -= length)
        counts.push([start, (each * length) / hour]);
      return route.fulfill({ json: { counts } });
    });
    await page.route('**/api/images?*', async (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const [from, to] = [Number(asked.get('from')), Number(asked.get('to') ?? end - 1)];
      const images = [];
      const step = hour / each;
      const limit = Number(asked.get('limit'));
      const last = asked.get('cursor') === null ? to + 1 : timeOf(asked.get('cursor') ?? '');
      for (let time = Math.ceil(last / step) * step - step; time >= from && images.length < limit; time -= step)
        images.push(image(time));
      const next = images.length < limit ? null : images.at(-1)?.id;
      await route.fulfill({ json: { images, next } });
    });
    await page.setViewportSize({ width: 390, height: 800 });
    await open();
    await whole(5_000_000);
    await drag(1);
    await tile(`front:${end - hours * hour}`).waitFor();
    await drag(0.5);
    const middle = timeOf((await first()).id);
    assert.ok(Math.abs(middle - (end - (hours / 2) * hour)) < 3 * hour);
    // The wheel moves what is seen by as much as it is turned.
    const before = await first();
    const top = () => tile(before.id).evaluate((one) => Math.round(one.getBoundingClientRect().top));
    const topBefore = await top();
    await page.locator('.scroller').hover();
    await page.mouse.wheel(0, 50);
    await page.waitForFunction(
      ([id, was]) =>
        Math.abs(
          (document.querySelector(`[data-image="${id}"]`)?.getBoundingClientRect().top ?? 0) - (Number(was) - 50),
        ) < 2,
      [before.id, topBefore],
    );
  });
});
