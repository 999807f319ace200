import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { NewImage } from '../../../core/image';
import { failedAnnouncement } from '../../../core/messages';
import { startBrowser, watchPage } from '../../support/browser';
import { GalleryServer } from '../../support/gallery-server';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';

const minute = 60_000;
const hostile = '<img src=x onerror="document.title=1">';

describe('the gallery page', () => {
  const redis = new TestRedis();
  let server: GalleryServer;
  let browser: Browser;
  let page: Page;
  let picture: Buffer;
  let url = '';

  async function put(given: Partial<NewImage>): Promise<string> {
    const image = newImage({ bytes: picture, thumbnail: picture, width: 320, height: 180, ...given });
    return (await server.store.put(image)).id;
  }

  const tile = (id: string) => page.locator(`button[data-image="${id}"]`);

  before(async () => {
    await redis.start();
    server = await new GalleryServer(redis).start();
    url = server.url;
    const orange = { create: { width: 320, height: 180, channels: 3, background: '#c72' } } as const;
    picture = await sharp(orange).jpeg().toBuffer();
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await redis.stop();
  });

  beforeEach(async () => {
    await server.renew({
      permissions: { capture: true, pin: true, delete: true },
      control: {
        capture: async (camera, transaction) => void (await put({ camera, transaction, trigger: 'command' })),
        available: (camera) => camera !== 'attic',
        onAvailability: () => () => {},
      },
    });
    page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage();
  });

  afterEach(() => page.context().close());

  it('shows the images newest first, and nothing moves, fails or breaks its policy while it loads', async () => {
    const watched = await watchPage(page);
    for (let age = 300; age > 0; age--)
      await put({ camera: ['front', 'garden', 'attic'][age % 3], capturedAt: Date.now() - age * minute, lux: age });
    await page.goto(url);
    await page.locator('button.tile .loaded').nth(20).waitFor();
    // A day's totals come last, from the statistics.
    await page
      .getByText(/\d+ images · .* lx/)
      .first()
      .waitFor();
    const order = await page.locator('button.tile').evaluateAll((all) => all.map((one) => one.dataset.image ?? ''));
    const times = order.map((id) => Number(id.split(':')[1]));
    assert.ok(times.length >= 24, `only ${times.length} tiles`);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
    await page.getByText(/^offline/).waitFor();
    assert.deepEqual(watched.errors, []);
    assert.deepEqual(await watched.seen(), { violations: [], shifts: [] });
  });

  it('moves nothing on a phone when the totals come long after the images', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const watched = await watchPage(page);
    for (let age = 150; age > 0; age--) await put({ capturedAt: Date.now() - age * 1000, lux: age });
    let show = () => {};
    const shown = new Promise<void>((resolve) => {
      show = resolve;
    });
    await page.route(/api\/(stats|counts)/, async (route) => {
      await shown;
      await route.continue();
    });
    await page.goto(url);
    await page.locator('button.tile .loaded').first().waitFor();
    show();
    await page
      .getByText(/\d+ images · .* lx/)
      .first()
      .waitFor();
    assert.deepEqual((await watched.seen()).shifts, []);
  });

  it('loads older images while one scrolls, and keeps few of them in the document', async () => {
    for (let age = 700; age > 0; age--) await put({ capturedAt: Date.now() - age * 1000 });
    const oldest = (await server.store.list({ limit: 1, to: Date.now() - 699 * 1000 })).images[0]?.id ?? '';
    await page.goto(url);
    await page.locator('button.tile').first().focus();
    while ((await tile(oldest).count()) === 0) await page.keyboard.press('End');
    assert.ok((await page.locator('button.tile').count()) < 200);
  });

  it('asks for no thumbnails of images that only pass by', async () => {
    await page.clock.install();
    for (let age = 500; age > 0; age--) await put({ capturedAt: Date.now() - age * 1000 });
    await page.goto(url);
    await page.locator('button.tile .loaded').first().waitFor();
    const asked = new Set<string>();
    page.on('request', (request) => request.url().includes('/thumbnails/') && asked.add(request.url()));
    // The page's time stands still between the steps: a slow machine scrolls as fast as any other.
    await page.clock.pauseAt(Date.now() + minute);
    const scrollBy = async (step: number) => {
      const more = await page.locator('.scroller').evaluate(async (scroller, top) => {
        const before = scroller.scrollTop;
        scroller.scrollTop += top;
        if (scroller.scrollTop === before) return false;
        await new Promise((resolve) => scroller.addEventListener('scroll', resolve, { once: true }));
        return true;
      }, step);
      await page.clock.runFor(16);
      return more;
    };
    for (const step of [500, -500]) while (await scrollBy(step));
    await page.clock.resume();
    await page.locator('button.tile .loaded').first().waitFor();
    // Without the rule it would be hundreds.
    assert.ok(asked.size < 100, `${asked.size} thumbnails`);
  });

  it('shows a new image at the top without reloading, and holds it back while one looks at older ones', async () => {
    for (let age = 200; age > 0; age--) await put({ capturedAt: Date.now() - age * minute });
    await page.goto(url);
    await page.locator('button.tile').first().waitFor();
    await page.evaluate("window.loadedOnce = 'yes'");
    const id = await put({ trigger: 'button' });
    await tile(id).waitFor();
    assert.equal(await page.locator('button.tile').first().getAttribute('data-image'), id);
    await page.locator('.scroller').evaluate(async (scroller) => {
      const scrolled = new Promise((resolve) => scroller.addEventListener('scroll', resolve, { once: true }));
      scroller.scrollTo(0, 900);
      await scrolled;
      await new Promise(requestAnimationFrame);
    });
    const later = await put({});
    await page.getByRole('button', { name: '1 new' }).click();
    await tile(later).waitFor();
    assert.equal(await page.evaluate('window.loadedOnce'), 'yes');
  });

  it('counts a new image, and one that goes, at once: in the heading of the day, of the hour, and in the strip', async () => {
    const noon = new Date().setHours(12, 0, 0, 0);
    await put({ capturedAt: noon, ttl: 86_400 });
    await page.goto(url);
    await page.getByText('1 image').nth(1).waitFor();
    const id = await put({ capturedAt: noon + minute, ttl: 86_400, trigger: 'motion' });
    await tile(id).waitFor();
    const counts = async () => ({
      day: (await page.locator('.day span').textContent())?.match(/\d+ images?.*/)?.[0],
      hour: await page.locator('h3 span').textContent(),
      strip: await page.getByRole('slider').getAttribute('aria-valuetext'),
    });
    assert.deepEqual(await counts(), {
      day: '2 images · 1 by motion',
      hour: '2 images',
      strip: 'Today 12:00 · 2 images',
    });
    await server.store.delete(id);
    await tile(id).waitFor({ state: 'detached' });
    assert.deepEqual(await counts(), { day: '1 image', hour: '1 image', strip: 'Today 12:00 · 1 image' });
  });

  it('opens an image by keyboard and shows what is known of it as text; Escape closes it and gives the focus back', async () => {
    const watched = await watchPage(page);
    await put({ capturedAt: Date.now() - minute });
    const id = await put({
      trigger: 'motion',
      triggerSource: hostile,
      lux: 8240,
      meta: { ExposureTime: 4000, AnalogueGain: 1.1, [hostile]: hostile },
    });
    await page.goto(url);
    await tile(id).waitFor();
    await page.keyboard.press('Tab');
    while (!(await tile(id).evaluate((one) => one === document.activeElement))) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.locator('.full.loaded').waitFor();
    await dialog.locator('summary').click();
    const text = (await dialog.locator('aside').textContent()) ?? '';
    for (const part of ['front', 'motion', '8,240 lx', '320 × 180', '1/250 s · gain 1.1', 'Gone in', hostile])
      assert.ok(text.includes(part), `${part} is missing in ${text}`);
    await page.keyboard.press('ArrowRight');
    await dialog.getByText(/1 minute ago/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await tile(id).evaluate((one) => one === document.activeElement), true);
    assert.notEqual(await page.title(), '1');
    assert.deepEqual(watched.errors, []);
    assert.deepEqual((await watched.seen()).violations, []);
  });

  it('opens the image that a link names, and says so where it has gone', async () => {
    const id = await put({});
    await page.goto(`${url}#image=${id}`);
    const dialog = page.getByRole('dialog');
    await dialog.locator('.full.loaded').waitFor();
    await server.followed();
    await server.store.delete(id);
    await dialog.getByText('This image has been deleted.').waitFor();
    await page.goto('about:blank');
    await page.goto(`${url}#image=${id}`);
    await dialog.getByText(/This image is not here/).waitFor();
  });

  it('enlarges an opened image by wheel, double click and key, and swipes to the next', async () => {
    const older = await put({ capturedAt: Date.now() - minute, camera: 'garden' });
    const id = await put({});
    await page.goto(`${url}#image=${id}`);
    await tile(older).waitFor({ state: 'attached' });
    const picture = page.getByRole('dialog').locator('.picture');
    await picture.locator('.full.loaded').waitFor();
    const width = async () => Math.round((await picture.boundingBox())?.width ?? 0);
    const whole = await width();
    const isLarger = () =>
      page.waitForFunction(
        (least) => (document.querySelector('dialog .picture')?.getBoundingClientRect().width ?? 0) > least,
        whole * 1.4,
      );
    await picture.dblclick();
    await isLarger();
    await page.keyboard.press('0');
    await page.waitForFunction(
      (most) => (document.querySelector('dialog .picture')?.getBoundingClientRect().width ?? 0) <= most,
      whole + 1,
    );
    await page.keyboard.press('+');
    await isLarger();
    await page.keyboard.press('0');
    for (let turn = 0; turn < 3; turn++) await page.mouse.wheel(0, -100);
    await isLarger();
    await page.keyboard.press('0');
    const finger = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number) =>
      finger.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: 300 }] });
    await touch('touchStart', 700);
    await touch('touchMove', 600);
    await touch('touchMove', 500);
    await touch('touchEnd');
    await page.getByRole('dialog').getByRole('heading', { name: 'garden' }).waitFor();
  });

  it('keeps an image, shows one camera only, and takes a picture', async () => {
    const id = await put({ camera: 'front' });
    const other = await put({ camera: 'garden' });
    await page.goto(url);
    await tile(id).click();
    await page.keyboard.press('k');
    await page.getByText('until it is deleted').waitFor();
    assert.equal(await server.connection.client.pTTL(server.connection.keys.image(id)), -1);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^front / }).click();
    await tile(other).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Take a picture' }).click();
    await page.getByRole('button', { name: /^front, .*, command/ }).waitFor();
  });

  it('narrows what is shown by trigger, light, time and pin, keeps that in the address, and clears it with one click', async () => {
    const ago = (minutes: number) => Date.now() - minutes * minute;
    const bright = await put({ trigger: 'motion', lux: 900, capturedAt: ago(1) });
    const dark = await put({ trigger: 'motion', lux: 2, capturedAt: ago(2) });
    const kept = await put({ trigger: 'timer', lux: 3, capturedAt: ago(3) });
    await server.store.pin(kept);
    const shown = async (...ids: string[]) => {
      for (const id of [bright, dark, kept])
        await tile(id).waitFor({ state: ids.includes(id) ? 'visible' : 'detached' });
    };
    await page.goto(url);
    await shown(bright, dark, kept);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('button', { name: 'motion', exact: true }).click();
    await shown(bright, dark);
    await page.getByText('2 images match', { exact: true }).waitFor();
    await page.getByLabel('Lux up to').fill('10');
    await page.keyboard.press('Enter');
    await shown(dark);
    await page.getByText('1 image matches', { exact: true }).waitFor();
    const later = await put({ trigger: 'motion', lux: 800 });
    const match = await put({ trigger: 'motion', lux: 8 });
    await tile(match).waitFor();
    assert.equal(await tile(later).count(), 0);
    await page.getByText('2 images match', { exact: true }).waitFor();
    assert.match(page.url(), /#trigger=motion&lux_max=10$/);
    await page.reload();
    await tile(match).waitFor();
    await shown(dark);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await shown(bright, dark, kept);
    assert.equal(page.url(), url);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('button', { name: 'kept only' }).click();
    await shown(kept);
    await page.getByLabel('From', { exact: true }).fill('2031-01-01T00:00');
    await page.getByRole('heading', { name: 'No images match the filter' }).waitFor();
    await page.locator('.message').getByRole('button', { name: 'Clear the filter' }).click();
    await shown(bright, dark, kept);
  });

  it('selects many by click, Shift and key, and downloads them as one zip of the very bytes', async () => {
    const ids: string[] = [];
    for (let age = 6; age > 0; age--) ids.unshift(await put({ capturedAt: Date.now() - age * 1000 }));
    await page.goto(url);
    const at = (place: number) => tile(ids[place] ?? '');
    await at(0).hover();
    await page
      .getByRole('button', { name: /^Select front/ })
      .first()
      .click();
    await at(3).click({ modifiers: ['Shift'] });
    await page.getByText('4 selected').waitFor();
    await at(3).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByText('5 selected').waitFor();
    await page.keyboard.press(' ');
    await page.getByText('4 selected').waitFor();
    const saved = page.waitForEvent('download');
    await page.locator('.selection').getByRole('button', { name: 'Download' }).click();
    const download = await saved;
    assert.equal(download.suggestedFilename(), 'luxcam-4-images.zip');
    const files = Object.entries(unzipSync(await readFile(await download.path())));
    const name = (id: string) => `front-${new Date(Number(id.split(':')[1])).toISOString().replaceAll(':', '-')}.jpg`;
    assert.deepEqual(files.map(([file]) => file).toSorted(), ids.slice(0, 4).map(name).toSorted());
    for (const [, bytes] of files) assert.ok(picture.equals(bytes));
    await page.locator('.selection').waitFor({ state: 'detached' });
  });

  it('keeps what a selected image says within its picture, and whole, at every width', async () => {
    for (let age = 9; age > 0; age--) await put({ capturedAt: Date.now() - age * 1000, lux: 12_300 });
    await page.goto(url);
    for (const width of [1200, 820, 390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('button.tile .loaded').first().waitFor();
      const first = page.locator('button.tile').first();
      await first.focus();
      if (width === 1200) await page.keyboard.press(' ');
      await first.hover();
      const wrong = await first.evaluate((element) => {
        const picture = element.querySelector('.picture')?.getBoundingClientRect();
        return Array.from(element.querySelectorAll('.caption > *'))
          .filter((one) => {
            const { left, right } = one.getBoundingClientRect();
            const cut = one instanceof HTMLElement && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
            return right > left && (!picture || cut || left < picture.left || right > picture.right);
          })
          .map((one) => one.textContent);
      });
      assert.deepEqual(wrong, [], `at ${width} px`);
    }
  });

  it('keeps and deletes many, tells how far it is, and stops when asked to', async () => {
    for (let age = 30; age > 0; age--) await put({ capturedAt: Date.now() - age * 1000 });
    const images = async () => (await server.store.list({ limit: 200 })).images;
    await page.goto(url);
    await page.locator('button.tile').first().focus();
    await page.keyboard.press('Control+a');
    await page.getByText('30 selected').waitFor();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.locator('.selection').waitFor({ state: 'detached' });
    assert.ok((await images()).every(({ expiresAt }) => expiresAt === null));

    // From the sixth on, the server takes its time until somebody has cancelled.
    let asked = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/api/images/*', async (route) => {
      if (route.request().method() === 'DELETE' && ++asked > 5) await released;
      await route.continue();
    });
    await page.locator('button.tile').first().focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Really delete 30?' }).click();
    await page.getByText('Deleting 5 of 30').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    release();
    await page.getByText(/selected/).waitFor();
    const left = (await images()).length;
    assert.ok(left > 20 && left <= 25, `${left} are left`);
  });

  it('hangs the newest image of the chosen cameras on the wall, and keeps that in the address', async () => {
    const watched = await watchPage(page);
    await put({ camera: 'front', lux: 1 });
    const garden = await put({ camera: 'garden', lux: 1 });
    await put({ camera: 'attic', lux: 1 });
    await page.goto(`${url}#wall`);
    const wall = page.getByRole('dialog', { name: 'Wall' });
    await wall.getByRole('img').nth(2).waitFor();
    await wall.getByText(/^offline/).waitFor();
    await wall.getByRole('button', { name: 'attic' }).click();
    await wall.getByRole('img', { name: 'attic' }).waitFor({ state: 'detached' });
    assert.match(page.url(), /#wall=front,garden$/);
    const later = await put({ camera: 'garden', lux: 1 });
    await page.waitForFunction(
      ([before, after]) => {
        const sources = Array.from(document.querySelectorAll('.wall img')).map((one) =>
          decodeURIComponent(one.getAttribute('src') ?? ''),
        );
        return (
          sources.some((source) => source.endsWith(after ?? '')) &&
          !sources.some((source) => source.endsWith(before ?? ''))
        );
      },
      [garden, later],
    );
    await page.locator('dialog.night:not(.awake)').waitFor();
    await put({ camera: 'garden', lux: 500 });
    await page.locator('dialog.wall:not(.night)').waitFor();
    await page.keyboard.press('Escape');
    await wall.waitFor({ state: 'detached' });
    // The browser goes back in its own time.
    await page.waitForURL(url);
    assert.deepEqual(watched.errors, []);
    assert.deepEqual((await watched.seen()).violations, []);
  });

  it('keeps the screen on while the wall hangs, also after it was hidden, where the browser can', async () => {
    await put({});
    const lock = `
      window.locks = { asked: 0, released: 0 };
      Object.defineProperty(navigator, 'wakeLock', {
        value: { request: async () => { locks.asked++; return { release: async () => void locks.released++ }; } },
      });`;
    await page.addInitScript(lock);
    await page.goto(`${url}#wall`);
    await page.waitForFunction('locks.asked === 1');
    const become = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await become('hidden');
    await become('visible');
    await page.waitForFunction('locks.asked === 2');
    await page.keyboard.press('Escape');
    await page.waitForFunction('locks.released > 0');

    // Without https there is no such thing.
    const without = await page.context().newPage();
    const watched = await watchPage(without);
    await without.addInitScript('delete Navigator.prototype.wakeLock');
    await without.goto(`${url}#wall`);
    await without.getByRole('dialog', { name: 'Wall' }).getByRole('img').waitFor();
    assert.deepEqual(watched.errors, []);
  });

  it('says how many of the pictures it waits for have come, and which camera failed', async () => {
    await put({ camera: 'front' });
    await put({ camera: 'garden' });
    const asked: [camera: string, transaction: string][] = [];
    const { gallery } = server;
    const control = gallery?.control;
    if (gallery === undefined || control == null) throw new Error('there is no control');
    const bothAsked = new Promise<void>((resolve) => {
      gallery.control = {
        ...control,
        capture: async (camera, transaction) => {
          asked.push([camera, transaction]);
          if (asked.length === 2) resolve();
        },
      };
    });
    await page.goto(url);
    await server.followed();
    await page.getByRole('button', { name: 'Take a picture' }).click();
    await page.getByRole('button', { name: 'Taking 1 of 2' }).waitFor();
    await bothAsked;
    const [first, second] = asked;
    if (first === undefined || second === undefined) throw new Error('the cameras were not asked');
    await put({ camera: first[0], transaction: first[1], trigger: 'command' });
    await page.getByRole('button', { name: 'Taking 2 of 2' }).waitFor();
    const failure = { code: 'camera_failed', message: 'the lens is covered' } as const;
    await server.store.announce(
      failedAnnouncement({
        camera: second[0],
        agent: 'pi1',
        timestamp_ms: Date.now(),
        trigger: 'command',
        trigger_source: '',
        transaction: second[1],
        error: failure,
      }),
    );
    await page.getByText(`${second[0]}: the lens is covered`).waitFor();
    await page.getByRole('button', { name: 'Take a picture' }).waitFor();
  });

  it('travels to an hour that is not loaded yet, loads what is around it, and comes back to now', async () => {
    const midnight = new Date().setHours(0, 0, 0, 0);
    const yesterday = midnight - 20 * 60 * minute;
    const id = await put({ capturedAt: yesterday, ttl: 7 * 86_400, trigger: 'button' });
    for (let later = 1; later < 300; later++) await put({ capturedAt: yesterday + later * minute, ttl: 7 * 86_400 });
    const newest = await put({ trigger: 'node' });
    await page.goto(url);
    await tile(newest).waitFor();
    const strip = page.getByRole('slider');
    await strip.focus();
    await page.keyboard.press('PageUp');
    // Home goes by the bars that stand there: first those of yesterday have to.
    await page.locator('.strip .name', { hasText: 'Yesterday' }).waitFor();
    await strip.locator('.images:not([style="height: 0%;"])').first().waitFor();
    await page.keyboard.press('Home');
    await tile(id).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await tile(newest).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).waitFor({ state: 'detached' });
  });

  it('shows a day, a week or a month in the strip, by button, key and wheel', async () => {
    const today = new Date().setHours(0, 0, 0, 0);
    const first = new Date(today).setDate(1);
    await put({ capturedAt: first + 1000, ttl: 40 * 86_400 });
    await put({});
    await page.goto(url);
    const strip = page.getByRole('slider');
    const bars = strip.locator('.hour');
    await page.getByRole('button', { name: 'month' }).click();
    const days = new Date(new Date(first).getFullYear(), new Date(first).getMonth() + 1, 0).getDate();
    await bars.nth(days - 1).waitFor();
    assert.equal(await bars.count(), days);
    await strip.hover();
    await page.mouse.wheel(0, -100);
    await page.locator('.zooms [aria-pressed="true"]').getByText('week').waitFor();
    assert.equal(await bars.count(), 56);
    await strip.focus();
    await page.keyboard.press('+');
    await page.locator('.zooms [aria-pressed="true"]').getByText('day').waitFor();
  });

  it('says what to do while there are no images, and shows the first one by itself', async () => {
    await page.goto(url);
    await page.getByRole('heading', { name: 'No images yet' }).waitFor();
    const id = await put({});
    await tile(id).waitFor();
  });

  it('lets an expired image go', async () => {
    const id = await put({ ttl: 60 });
    // Time passes in the page alone, so that the image is not gone before the page has shown it.
    await page.clock.install();
    await page.goto(url);
    await tile(id).click();
    await page.clock.fastForward(61_000);
    await page.getByText(/This image has expired/).waitFor();
    await tile(id).waitFor({ state: 'detached' });
  });

  it('says that the connection is lost, and since when, and comes back by itself', async () => {
    await put({});
    await page.goto(url);
    await page.locator('button.tile').waitFor();
    const { gallery } = server;
    server.endStreams();
    server.gallery = undefined;
    await page.getByText(/Connection lost \d+ s ago/).waitFor();
    await page.locator('button.tile').click();
    await page
      .getByRole('dialog')
      .getByText(/Connection lost/)
      .waitFor();
    await page.keyboard.press('Escape');
    const missed = await put({});
    server.gallery = gallery;
    await tile(missed).waitFor();
    await page.getByText(/Connection lost/).waitFor({ state: 'detached' });
  });

  it('loads less than 150 kB, compressed', async () => {
    await put({});
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    let size = 0;
    network.on('Network.loadingFinished', ({ encodedDataLength }) => {
      size += encodedDataLength;
    });
    await page.goto(url);
    await page.locator('button.tile .loaded').waitFor();
    assert.ok(size > 10_000 && size < 150_000, `${size} bytes`);
  });
});
