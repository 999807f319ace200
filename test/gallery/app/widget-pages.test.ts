import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import type { NewImage } from '../../../core/image';
import { RedisConnection } from '../../../core/redis-connection';
import { RedisImageStore } from '../../../core/redis-image-store';
import { startBrowser } from '../../support/browser';
import { newImage } from '../../support/new-image';
import { NodeRedProcess, users } from '../../support/node-red-process';
import { TestRedis } from '../../support/redis-server';

/** A dashboard of two pages, the one dark and the other light, with two galleries each. */
function flow(redisUrl: string): object[] {
  const sizes = { pagePadding: '12px', groupGap: '12px', groupBorderRadius: '4px', widgetGap: '12px' };
  const dark = { surface: '#222', primary: '#88bb22', bgPage: '#111111', groupBg: '#202428', groupOutline: '#333' };
  const light = { surface: '#fff', primary: '#aa2255', bgPage: '#eeeeee', groupBg: '#fdfdfd', groupOutline: '#ccc' };
  const page = { type: 'ui-page', ui: 'base', layout: 'grid', visible: 'true', disabled: 'false' };
  const group = { type: 'ui-group', width: '6', height: '1', visible: 'true', disabled: 'false' };
  const gallery = { type: 'luxcam-gallery', z: 'tab', store: 'store', width: '6', height: '12', order: 1 };
  const galleries = [
    { id: 'all', group: 'group-1', camera: '' },
    { id: 'door', group: 'group-2', camera: 'door' },
    { id: 'any', group: 'group-3', camera: '' },
    { id: 'garden', group: 'group-4', camera: 'garden' },
  ];
  return [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', url: redisUrl, prefix: '' },
    { id: 'base', type: 'ui-base', name: 'Dashboard', path: '/dashboard', navigationStyle: 'fixed' },
    { id: 'dark', type: 'ui-theme', name: 'Dark', colors: dark, sizes },
    { id: 'light', type: 'ui-theme', name: 'Light', colors: light, sizes },
    { id: 'page-1', name: 'Inside', path: '/inside', theme: 'dark', ...page },
    { id: 'page-2', name: 'Outside', path: '/outside', theme: 'light', ...page },
    { id: 'group-1', page: 'page-1', name: 'All', ...group },
    { id: 'group-2', page: 'page-1', name: 'Door', ...group },
    { id: 'group-3', page: 'page-2', name: 'Any', ...group },
    { id: 'group-4', page: 'page-2', name: 'Garden', ...group },
    ...galleries.flatMap(({ id, ...rest }, index) => [
      { id, path: `pictures/${id}`, x: 600, y: 60 * index, wires: [['log']], ...rest, ...gallery },
      ...[{ id: `${id}-order`, type: 'http in', method: 'post', url: `/order/${id}`, wires: [[id, 'answer']] }].map(
        (node) => ({ z: 'tab', x: 100, y: 60 * index, ...node }),
      ),
    ]),
    { id: 'answer', type: 'http response', z: 'tab', x: 600, y: 400, statusCode: '204', wires: [] },
    { id: 'log', type: 'debug', z: 'tab', x: 900, y: 60, active: true, console: true, complete: 'true', wires: [] },
  ];
}

describe('galleries on several pages of a dashboard', () => {
  const redis = new TestRedis();
  const nodeRed = new NodeRedProcess();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let browser: Browser;
  let page: Page;
  let picture: Buffer;
  const errors: string[] = [];

  const put = async (camera: string, given: Partial<NewImage> = {}) =>
    (await store.put(newImage({ camera, bytes: picture, thumbnail: picture, ...given }))).id;
  const widget = (id: string, of = page) => of.locator(`#nrdb-ui-widget-${id}`);
  const tile = (id: string, image: string, of = page) => widget(id, of).locator(`button[data-image="${image}"]`);
  const order = async (id: string, payload: object) => {
    const response = await page.request.post(`${nodeRed.url}/order/${id}`, { data: payload });
    assert.equal(response.status(), 204);
  };
  /** Opens a page of the dashboard in a browser tab that knows the password, and marks it: a reload would lose that. */
  const visit = async (name: string, prepare = async (_opened: Page) => undefined) => {
    const { name: username, password } = users.visitor;
    const viewport = { width: 1500, height: 1000 };
    const opened = await (await browser.newContext({ viewport, httpCredentials: { username, password } })).newPage();
    // Sooner than a test's own end, and so with a message that says what was waited for.
    opened.setDefaultTimeout(20_000);
    opened.on('pageerror', (error) => errors.push(String(error)));
    opened.on('response', (answer) => {
      if (answer.url().includes('/pictures/') && answer.status() >= 400)
        errors.push(`${answer.status()} ${answer.url()}`);
    });
    await prepare(opened);
    await opened.goto(`${nodeRed.url}/dashboard/${name}`);
    await opened.evaluate(() => document.documentElement.setAttribute('data-not-reloaded', ''));
    return opened;
  };
  const goTo = (name: string) => page.locator('nav').getByText(name).click();

  before(async function () {
    this.timeout(120_000);
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    [, browser] = await Promise.all([nodeRed.start(), startBrowser(), connection.ready()]);
    store = new RedisImageStore({ connection, ownsCameras: true });
    const noise = { raw: { width: 320, height: 180, channels: 3 } } as const;
    picture = await sharp(randomBytes(320 * 180 * 3), noise)
      .jpeg({ quality: 95 })
      .toBuffer();
    await nodeRed.deploy(flow(redis.url));
    await nodeRed.logged(/Connected to Redis/);
  });
  after(async () => {
    await browser?.close();
    await Promise.all([nodeRed.stop(), connection?.stop()]);
    await redis.stop();
  });
  beforeEach(async () => {
    await connection.client.flushAll();
    store = new RedisImageStore({ connection, ownsCameras: true });
    errors.length = 0;
    page = await visit('inside');
  });
  afterEach(() => page.context().close());

  it('show each its own camera, and keep what was chosen in each while one looks at another page', async () => {
    const [door, garden] = [await put('door'), await put('garden')];
    await tile('all', door).waitFor();
    await tile('all', garden).waitFor();
    await tile('door', door).waitFor();
    assert.equal(await tile('door', garden).count(), 0);
    await widget('all').getByRole('navigation', { name: 'Cameras' }).getByText('garden').click();
    await tile('all', door).waitFor({ state: 'detached' });

    await goTo('Outside');
    await tile('garden', garden).waitFor();
    await tile('any', door).waitFor();
    assert.equal(await tile('garden', door).count(), 0);

    await goTo('Inside');
    await tile('all', garden).waitFor();
    await tile('door', door).waitFor();
    assert.equal(await tile('all', door).count(), 0);
    assert.deepEqual(errors, []);
  });

  it("take the colours of their page's theme", async () => {
    await put('door');
    const colours = (id: string) =>
      widget(id)
        .locator('.luxcam-widget')
        .evaluate((element) => {
          const { color } = getComputedStyle(element.querySelector('.luxcam') ?? element);
          const brightness = (color.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
          return { accent: getComputedStyle(element).getPropertyValue('--accent'), brightText: brightness > 380 };
        });
    await widget('door').locator('.luxcam').waitFor();
    assert.deepEqual(await colours('door'), { accent: 'rgb(136,187,34)', brightText: true });
    await goTo('Outside');
    await widget('any').locator('.luxcam').waitFor();
    assert.deepEqual(await colours('any'), { accent: 'rgb(170,34,85)', brightText: false });
  });

  it('do what a flow asks of them, each alone, in every browser that shows them', async () => {
    const first = await put('door', { trigger: 'motion' });
    const second = await put('door', { trigger: 'timer' });
    const other = await visit('inside');
    for (const tab of [page, other]) await tile('all', first, tab).waitFor();

    await order('all', { trigger: 'timer' });
    for (const tab of [page, other]) {
      await tile('all', first, tab).waitFor({ state: 'detached' });
      await tile('all', second, tab).waitFor();
      await tile('door', first, tab).waitFor();
    }
    await order('door', { open: second });
    const shown = (tab: Page) => tab.getByRole('dialog').locator('.full').getAttribute('src');
    for (const tab of [page, other]) {
      await tab.getByRole('dialog').waitFor();
      assert.equal(await tab.getByRole('dialog').count(), 1);
      assert.match(`${await shown(tab)}`, new RegExp(`/red/pictures/door/images/${encodeURIComponent(second)}$`));
    }
    await order('all', { page: 'older' });
    await order('door', { page: 'older' });
    for (const tab of [page, other]) await tab.locator(`dialog .full[src$="${encodeURIComponent(first)}"]`).waitFor();
    await order('door', { open: null });
    for (const tab of [page, other]) await tab.getByRole('dialog').waitFor({ state: 'detached' });

    // Who has opened an image in one tab does not move the other.
    await tile('door', second).click();
    await page.getByRole('dialog').waitFor();
    assert.equal(await other.getByRole('dialog').count(), 0);
    await other.context().close();
  });

  it('come back by themselves after Node-RED was away, where they were', async function () {
    this.timeout(120_000);
    const [door, garden] = [await put('door'), await put('garden')];
    await tile('all', door).waitFor();
    await order('all', { camera: 'garden' });
    await tile('all', door).waitFor({ state: 'detached' });
    await nodeRed.kill();
    // Not by its role: the dashboard's own word that the connection is lost hides all else from assistive programs.
    await widget('door').locator('[role=status]', { hasText: 'Connection lost' }).waitFor();
    const missed = await put('door');
    await nodeRed.resume();
    await tile('door', missed).waitFor();
    const later = [await put('garden'), await put('door')] as const;
    await tile('all', later[0]).waitFor();
    await tile('door', later[1]).waitFor();
    await tile('all', garden).waitFor();
    assert.equal(await tile('all', missed).count(), 0);
    assert.equal(await page.locator('html[data-not-reloaded]').count(), 1);
  });

  it('live on through deploys, without a reload', async () => {
    const door = await put('door');
    await tile('all', door).waitFor();
    await order('all', { trigger: 'motion' });
    await tile('all', door).waitFor({ state: 'detached' });
    for (const name of ['one', 'two']) {
      await nodeRed.deploy(
        flow(redis.url).map((node) => ('path' in node && 'store' in node ? { ...node, name } : node)),
      );
      await nodeRed.logged(/Connected to Redis/);
    }
    const [timer, motion] = [await put('door'), await put('door', { trigger: 'motion' })];
    await tile('all', motion).waitFor();
    await tile('door', timer).waitFor();
    assert.equal(await tile('all', timer).count(), 0);
    assert.equal(await page.locator('html[data-not-reloaded]').count(), 1);
  });

  it("send no pictures through the dashboard's socket", async () => {
    const frames: string[] = [];
    const watched = await visit('inside', async (opened) => {
      const session = await opened.context().newCDPSession(opened);
      session.on('Network.webSocketFrameReceived', ({ response }) => frames.push(response.payloadData));
      await session.send('Network.enable');
    });
    await tile('all', await put('door'), watched).waitFor();
    let last = '';
    for (let count = 0; count < 10; count += 1) last = await put('door');
    for (const id of ['all', 'door']) await tile(id, last, watched).locator(`img[src*="/pictures/${id}/"]`).waitFor();
    await watched.context().close();
    const told = frames.filter((frame) => frame.includes('"captured"'));
    assert.ok(told.length >= 10, `${told.length} announcements`);
    const largest = Math.max(...told.map((frame) => frame.length));
    assert.ok(largest < 2000, `a frame of ${largest} bytes`);
    const all = frames.reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(all < picture.length, `${all} bytes in all, and a picture has ${picture.length}`);
  });
});
