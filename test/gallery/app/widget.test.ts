import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { NewImage } from '../../../core/image';
import { RedisConnection } from '../../../core/redis-connection';
import { RedisImageStore } from '../../../core/redis-image-store';
import { startBrowser, watchPage } from '../../support/browser';
import { freePort } from '../../support/free-port';
import { newImage } from '../../support/new-image';
import { TestRedis } from '../../support/redis-server';
import { ServerProcess } from '../../support/server-process';

const root = path.resolve(__dirname, '../../..');

/** A dashboard with a large gallery and, of the camera `door`, a small one. */
function flow(redisUrl: string): object[] {
  const page = { layout: 'grid', theme: 'theme-1', path: '/cameras', name: 'Cameras', visible: 'true' };
  const colors = {
    surface: '#222222',
    primary: '#225588',
    bgPage: '#111111',
    groupBg: '#202428',
    groupOutline: '#333',
  };
  const sizes = { pagePadding: '12px', groupGap: '12px', groupBorderRadius: '4px', widgetGap: '12px' };
  const group = { type: 'ui-group', page: 'page-1', height: '1', visible: 'true', disabled: 'false' };
  const gallery = { type: 'luxcam-gallery', z: 'tab-1', store: 'store-1', base: 'luxcam', allowPin: true, order: 1 };
  return [
    { id: 'tab-1', type: 'tab', label: 'Cameras' },
    { id: 'store-1', type: 'redis-image-store', url: redisUrl, prefix: '' },
    { id: 'base-1', type: 'ui-base', name: 'Dashboard', path: '/dashboard' },
    { id: 'theme-1', type: 'ui-theme', name: 'Dark', colors, sizes },
    { id: 'page-1', type: 'ui-page', ui: 'base-1', ...page },
    { id: 'group-1', width: '9', ...group },
    { id: 'group-2', width: '3', ...group },
    {
      id: 'large',
      group: 'group-1',
      path: 'luxcam',
      camera: '',
      width: '9',
      height: '11',
      wires: [['log']],
      ...gallery,
    },
    { id: 'small', group: 'group-2', path: 'door', camera: 'door', width: '3', height: '3', wires: [[]], ...gallery },
    { id: 'order', type: 'http in', z: 'tab-1', method: 'post', url: '/order', wires: [['large', 'answer']] },
    { id: 'answer', type: 'http response', z: 'tab-1', statusCode: '204', wires: [] },
    { id: 'log', type: 'debug', z: 'tab-1', active: true, console: true, complete: 'payload', wires: [] },
  ];
}

describe('the gallery as a widget of Dashboard 2', () => {
  const redis = new TestRedis();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let folder = '';
  let nodeRed: ServerProcess;
  let browser: Browser;
  let page: Page;
  let picture: Buffer;
  let url = '';

  const put = async (camera: string, given: Partial<NewImage> = {}) =>
    (await store.put(newImage({ camera, bytes: picture, thumbnail: picture, ...given }))).id;
  const tile = (id: string) => page.locator(`button[data-image="${id}"]`);
  const resize = (widget: string, width: number, height: number) =>
    page.addStyleTag({
      content: `#nrdb-ui-widget-${widget} .luxcam-widget { width: ${width}px !important; height: ${height}px !important }`,
    });

  before(async function () {
    this.timeout(120_000);
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    await connection.ready();
    store = new RedisImageStore({ connection, ownsCameras: true });

    const grey = { create: { width: 320, height: 180, channels: 3, background: '#888' } } as const;
    picture = await sharp(grey).jpeg().toBuffer();
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-dashboard-'));
    const port = await freePort();
    const nodesDir = [root, path.join(root, 'node_modules/@flowfuse/node-red-dashboard')];
    const settings = { uiHost: '127.0.0.1', uiPort: port, flowFile: 'flows.json', nodesDir, credentialSecret: false };
    await writeFile(path.join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
    await writeFile(path.join(folder, 'flows.json'), JSON.stringify(flow(redis.url)));
    nodeRed = new ServerProcess(process.execPath, [path.join(root, 'node_modules/node-red/red.js'), '-u', folder]);
    await nodeRed.printed(/Started flows/);
    url = `http://127.0.0.1:${port}/dashboard/cameras`;
    browser = await startBrowser();
  });

  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
    await connection?.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  });

  afterEach(() => page.context().close());

  it("shows the images in the theme's colours, and a new one without a stream of its own", async () => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const watched = await watchPage(page);
    const id = await put('garden');
    await page.goto(url);
    await tile(id).waitFor();
    const later = await put('garden');
    await tile(later).waitFor();
    assert.deepEqual(
      requests.filter((request) => request.includes('/api/events')),
      [],
    );
    const accent = await page
      .locator('.luxcam-widget')
      .first()
      .evaluate((widget) => {
        return getComputedStyle(widget).getPropertyValue('--accent');
      });
    assert.match(accent, /34, ?85, ?136/);
    assert.deepEqual(watched.errors, []);
  });

  it('is a single tile with the newest image of its camera and its age where there is no more room', async () => {
    await put('door');
    await put('garden');
    await page.goto(url);
    const single = page.locator('.newest');
    await single.getByText('door').waitFor();
    await single.getByText(/ago|just now/).waitFor();
    await single.click();
    await page.getByRole('dialog').getByRole('heading', { name: 'door' }).waitFor();
  });

  it('is a grid where it is narrow but tall, and nothing runs out of it', async () => {
    // The name of a day of another year is the longest.
    const old = { capturedAt: new Date(2001, 8, 26).getTime(), ttl: 100 * 366 * 86_400 };
    const id = await put('porch', old);
    await page.goto(url);
    const widget = page.locator('#nrdb-ui-widget-large');
    for (const width of [200, 240, 280, 320]) {
      await resize('large', width, 710);
      await widget.getByRole('navigation', { name: 'Cameras' }).getByRole('button', { name: 'porch' }).click();
      await widget.locator(`button[data-image="${id}"]`).waitFor();
      await widget.getByRole('button', { name: 'Filter' }).click();
      await widget.getByRole('form', { name: 'Filter' }).waitFor();
      await widget.getByRole('heading', { name: '2001' }).waitFor();
      const outside = await widget.locator('.luxcam').evaluate((element) => {
        const edge = element.getBoundingClientRect();
        // The cameras scroll sideways, and what is chosen has a ground that reaches over the edge.
        return Array.from(element.querySelectorAll('button, input, h2, h3, strong, span:not(.mark), section, form'))
          .filter((one) => one.closest('.cameras') === null && one.getClientRects().length > 0)
          .filter((one) => {
            const text = document.createRange();
            text.selectNodeContents(one);
            const right = Math.max(one.getBoundingClientRect().right, text.getBoundingClientRect().right);
            return right > edge.right + 8 || one.getBoundingClientRect().left < edge.left - 8;
          })
          .map((one) => `${one.className} ${one.textContent}`);
      });
      assert.deepEqual(outside, [], `at ${width} px`);
      await widget.getByRole('button', { name: 'Filter' }).click();
    }
    await resize('large', 320, 240);
    await widget.locator('.newest').waitFor();
    await resize('large', 190, 710);
    await widget.locator('.newest').waitFor();
  });

  it('has landmarks that differ from those of the widget beside it, and leaves the main one to the dashboard', async () => {
    await put('garden');
    await put('door');
    await page.goto(url);
    await resize('small', 320, 710);
    const widgets = page.locator('.luxcam-widget');
    await widgets.getByRole('region', { name: 'Timeline of door' }).waitFor();
    await widgets.getByRole('region', { name: 'Images of door' }).waitFor();
    await widgets.getByRole('region', { name: 'Timeline', exact: true }).waitFor();
    await widgets.getByRole('region', { name: 'Images', exact: true }).waitFor();
    assert.equal(await widgets.getByRole('main').count(), 0);
  });

  it('says camera and age in the smallest of tiles', async () => {
    await put('door');
    await page.goto(url);
    const caption = page.locator('#nrdb-ui-widget-small .newest .caption');
    await caption.waitFor();
    await resize('small', 77, 60);
    await page.waitForFunction("document.querySelector('#nrdb-ui-widget-small .newest').clientWidth === 77");
    const hidden = await caption.evaluate((element) => {
      // A name that takes two lines.
      const [name, age] = Array.from(element.children);
      if (name) name.textContent = 'driveway-north';
      if (age) age.textContent = '59 min ago';
      const edge = element.closest('.newest')?.getBoundingClientRect();
      return Array.from(element.children)
        .filter((one) => {
          const text = document.createRange();
          text.selectNodeContents(one);
          const { left, right, top, bottom } = text.getBoundingClientRect();
          const cut = one.scrollWidth > one.clientWidth && getComputedStyle(one).overflow === 'hidden';
          return !edge || cut || left < edge.left || right > edge.right || top < edge.top || bottom > edge.bottom;
        })
        .map((one) => one.textContent);
    });
    assert.deepEqual(hidden, []);
  });

  it('tells the flow what a person does', async () => {
    const id = await put('garden');
    await page.goto(url);
    await tile(id).click();
    await nodeRed.printed(new RegExp(`action: 'opened',\\s*id: '${id}'`));
    await page.keyboard.press('k');
    await page.getByText('until it is deleted').waitFor();
    await nodeRed.printed(new RegExp(`action: 'pinned',\\s*id: '${id}'`));
  });

  it('shows what the flow asks for: a filter, an image, the one after it; another widget keeps its own', async () => {
    const order = (payload: object) => page.request.post(new URL('/order', url).href, { data: payload });
    const capturedAt = Date.now();
    const older = await put('garden', { trigger: 'motion', lux: 3, capturedAt: capturedAt - 1000 });
    const newer = await put('garden', { trigger: 'motion', lux: 3, capturedAt });
    const other = await put('garden', { trigger: 'timer' });
    const door = await put('door', { trigger: 'timer' });
    await page.goto(url);
    await tile(other).waitFor();
    await order({ camera: 'garden', trigger: 'motion', lux_max: 10 });
    await tile(other).waitFor({ state: 'detached' });
    await tile(newer).waitFor();
    await page.locator(`.newest img[src*="${encodeURIComponent(door)}"]`).waitFor();
    await order({ open: newer });
    const facts = page.getByRole('dialog').locator('aside');
    await facts.getByText('Gone in').waitFor();
    const open = (id: string) => page.locator(`dialog .full[src*="${encodeURIComponent(id)}"]`).waitFor();
    await open(newer);
    await order({ page: 'older' });
    await open(older);
    await order({ open: null });
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await order({ camera: '' });
    await tile(other).waitFor();
  });

  it('stands where it stood after a deploy', async () => {
    const now = Date.now();
    for (let age = 400; age > 0; age--) await put('yard', { capturedAt: now - age * 10_000, ttl: 86_400 });
    await page.goto(url);
    const scroller = page.locator('.luxcam-widget .scroller');
    await tile(`yard:${now - 10_000}`).waitFor();
    await scroller.evaluate((element) => element.scrollTo(0, 1500));
    /** The first image in sight, once all that is in sight has been drawn. */
    const inSight = () =>
      scroller.evaluate(async (element) => {
        for (;;) {
          const { top, bottom } = element.getBoundingClientRect();
          const places = Array.from(element.querySelectorAll<HTMLElement>('button.tile, .blank')).filter((one) => {
            const box = one.getBoundingClientRect();
            return box.top >= top - 1 && box.top < bottom;
          });
          const ids = places.map((one) => one.dataset.image ?? '').sort();
          const [first, last] = [ids[0], ids.at(-1)];
          if (first && last) return last;
          await new Promise(requestAnimationFrame);
        }
      });
    const seen = await inSight();
    assert.notEqual(seen, `yard:${now - 10_000}`);
    await page
      .locator('.luxcam-widget')
      .first()
      .evaluate((widget) => widget.setAttribute('data-before', ''));
    const flows = new URL('/flows', url).href;
    const headers = { 'Node-RED-Deployment-Type': 'full' };
    await page.request.post(flows, { headers, data: await (await page.request.get(flows)).json() });
    await page.locator('.luxcam-widget[data-before]').waitFor({ state: 'detached' });
    await tile(seen).waitFor();
    const time = (id: string) => Number(id.split(':')[1]);
    // Headings that stand above it now can move it by a line of six.
    const moved = time(await inSight()) - time(seen);
    assert.ok(Math.abs(moved) <= 60_000, `moved by ${moved / 10_000} images`);
  });
});
