import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { z } from 'zod';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { startBrowser } from '../support/browser';
import { newImage } from '../support/new-image';
import { NodeRedEditor } from '../support/node-red-editor';
import { NodeRedProcess } from '../support/node-red-process';
import { TestRedis } from '../support/redis-server';

const flowsSchema = z.object({ flows: z.array(z.looseObject({ id: z.string(), type: z.string() })) });

describe("the nodes' dialogs in the editor of a real Node-RED, which asks who one is", () => {
  const redis = new TestRedis();
  const nodeRed = new NodeRedProcess();
  let connection: RedisConnection;
  let store: RedisImageStore;
  let browser: Browser;
  let editor: NodeRedEditor;
  let page: Page;
  const errors: string[] = [];

  const place = (x: number, y: number) => ({ z: 'tab', x, y, wires: [[]] });
  const flow = () => [
    { id: 'tab', type: 'tab', label: 'Cameras' },
    { id: 'store', type: 'redis-image-store', name: 'Home', url: redis.url, prefix: '' },
    {
      ...{ id: 'broker', type: 'mqtt-broker', name: 'Broker', broker: '127.0.0.1', port: '1', autoConnect: false },
      ...{ clientid: '', usetls: false, protocolVersion: '5', keepalive: '60', cleansession: true },
      ...{ birthTopic: '', closeTopic: '', willTopic: '' },
    },
    // As flows of before have them, without what has been added to the nodes since.
    {
      ...{ id: 'capture', type: 'luxcam-capture', broker: 'broker', base: 'luxcam', camera: 'front' },
      ...{ ttl: '', burst: 1, timeout: 10, ...place(200, 100) },
    },
    {
      ...{ id: 'in', type: 'redis-image-in', store: 'store', mode: 'latest', inputs: 1, camera: '', limit: 50 },
      ...place(200, 160),
    },
    {
      ...{ id: 'out', type: 'redis-image-out', store: 'store', camera: 'flow', ttl: 3600, base: 'luxcam' },
      ...{ lux: 'lux', luxType: 'msg', meta: 'meta', metaType: 'msg', ...place(200, 220) },
    },
    { id: 'gallery', type: 'luxcam-gallery', store: 'store', path: 'luxcam', base: 'luxcam', ...place(200, 280) },
    {
      id: 'wrong-capture',
      type: 'luxcam-capture',
      ...{ broker: 'broker', base: '/#', camera: 'Front Door', cameraType: 'str', ttl: '-1', burst: 1.5, timeout: 0 },
      ...place(600, 100),
    },
    {
      id: 'wrong-in',
      type: 'redis-image-in',
      mode: 'each',
      camera: 'x',
      cameraType: 'msg',
      limit: 0,
      ...place(600, 160),
    },
    {
      ...{ id: 'wrong-out', type: 'redis-image-out', store: 'store', camera: '', ttl: 'long', base: 'luxcam' },
      ...place(600, 220),
    },
    {
      id: 'wrong-gallery',
      type: 'luxcam-gallery',
      ...{ store: 'store', path: '../admin', base: 'luxcam', allowCapture: true, camera: '', cameraType: 'env' },
      ...place(600, 280),
    },
  ];
  const field = (name: string) => page.locator(`#node-input-${name}`);
  /** The rows of the dialog on top that a person sees, by their labels. */
  const rows = async () =>
    (await page.locator('.red-ui-tray .form-row:visible > label').allInnerTexts()).map((text) => text.trim());
  /** The fields of the dialog on top that are marked as wrong. */
  const marked = () =>
    page.locator('.red-ui-tray .input-error').evaluateAll((fields) => {
      const names = fields.map(({ id, previousElementSibling }) => id || previousElementSibling?.id || '');
      return [...new Set(names.map((name) => name.replace('node-input-', '')))].sort();
    });

  before(async function () {
    this.timeout(120_000);
    await redis.start();
    connection = new RedisConnection({ url: redis.url, prefix: '' });
    connection.start();
    [, browser] = await Promise.all([nodeRed.start(), startBrowser(), connection.ready()]);
    store = new RedisImageStore({ connection, ownsCameras: true });
    const grey = { create: { width: 320, height: 180, channels: 3, background: '#888' } } as const;
    const picture = await sharp(grey).jpeg().toBuffer();
    for (const camera of ['garden', 'garage', 'front'])
      await store.put(newImage({ camera, bytes: picture, thumbnail: picture }));
    await nodeRed.deploy(flow());
    await nodeRed.logged(/Connected to Redis/);
    editor = await NodeRedEditor.open(browser, nodeRed);
    ({ page } = editor);
    page.on('pageerror', (error) => errors.push(String(error)));
  });
  after(async () => {
    await browser?.close();
    await Promise.all([nodeRed.stop(), connection?.stop()]);
    await redis.stop();
  });
  afterEach(async () => {
    await editor.cancelAll();
    assert.deepEqual(errors, []);
  });

  it('mark nothing of what can be, and have words for all that they show, and a help text', async () => {
    for (const [id, words] of [
      ['capture', 'Asks a camera for a picture over MQTT'],
      ['in', 'Sends images from Redis'],
      ['out', 'Stores an image from any flow in Redis'],
      ['gallery', 'Shows the images in the browser'],
    ] as const) {
      assert.equal(await editor.node(id).locator('.red-ui-flow-node-error').isVisible(), false, id);
      await editor.edit(id);
      assert.deepEqual(await marked(), [], id);
      const form = page.locator('#dialog-form');
      const titles = await form
        .locator('> .form-row')
        .evaluateAll((all) => all.map((row) => row.getAttribute('title') ?? ''));
      assert.ok(titles.length > 4, id);
      for (const title of titles) assert.match(title, /\S \S+ \S/, id);
      assert.doesNotMatch(await form.innerText(), /\b(label|placeholder|mode|error|tip)\.\w+/);
      await page.locator('.red-ui-tray-footer .fa-book').click();
      await page.locator('.red-ui-sidebar, #red-ui-sidebar').getByText(words).first().waitFor();
      await editor.cancel();
    }
  });

  it('mark what can not be, on the canvas and field by field', async () => {
    for (const [id, wrong] of [
      ['wrong-capture', ['base', 'burst', 'camera', 'timeout', 'ttl']],
      ['wrong-in', ['camera', 'limit', 'store']],
      ['wrong-out', ['camera', 'ttl']],
      ['wrong-gallery', ['allowCapture', 'camera', 'path']],
    ] as const) {
      await editor.node(id).locator('.red-ui-flow-node-error').waitFor();
      await editor.edit(id);
      assert.deepEqual(await marked(), wrong, id);
      await editor.cancel();
    }
  });

  it('say in words what is wrong with a field', async () => {
    await editor.edit('wrong-capture');
    await field('timeout').hover();
    await page.locator('.red-ui-popover').getByText('A number from 0.1 to 3600').waitFor();
    await editor.cancel();
  });

  it('offer the cameras that Redis knows, as one types', async () => {
    await editor.edit('in');
    await page.locator('.form-row:has(#node-input-camera) input[type=text]').click();
    await page.keyboard.type('ga');
    const offered = page.locator('.red-ui-autoComplete-container');
    await offered.getByText('garden').waitFor();
    await offered.getByText('garage').waitFor();
    assert.equal(await offered.getByText('front').count(), 0);
    await offered.getByText('garden').click();
    assert.equal(await field('camera').inputValue(), 'garden');
    await page
      .locator('.luxcam-preview-text')
      .getByText(/^garden, /)
      .waitFor();
    await editor.cancel();
  });

  it('show the newest image of the store, and why there is none', async () => {
    await editor.edit('gallery');
    const picture = page.locator('.luxcam-preview img');
    await picture.waitFor();
    assert.equal(
      await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
      320,
    );
    await page
      .locator('.luxcam-preview-text')
      .getByText(/^front, /)
      .waitFor();
    await field('store').selectOption('_ADD_');
    await page.getByText('choose an image store', { exact: true }).last().waitFor();
    await editor.cancel();
  });

  it('tell of a newest image that is no picture whose it is and when it was taken', async () => {
    const { id } = await store.put(newImage({ camera: 'shed', mimeType: 'image/svg+xml' }));
    await editor.edit('gallery');
    await page
      .locator('.luxcam-preview-text')
      .getByText(/^shed, .*\d/)
      .waitFor();
    assert.equal(await page.locator('.luxcam-preview img').isVisible(), false);
    await editor.cancel();
    await store.delete(id);
  });

  it('show the rows that count for what is chosen', async () => {
    await editor.edit('in');
    const common = ['As', 'Last image', 'Name'];
    for (const [mode, inputs, expected] of [
      ['each', '0', ['Store', 'Send', 'Camera', 'Trigger', 'In a rush', ...common]],
      ['live', '0', ['Store', 'Send', 'Camera', 'At most', 'Last image', 'Name']],
      ['id', '1', ['Store', 'Send', ...common]],
      ['latest', '1', ['Store', 'Send', 'Camera', 'Trigger', ...common]],
      ['range', '1', ['Store', 'Send', 'Camera', 'Trigger', 'At most', 'Together', ...common]],
    ] as const) {
      await field('mode').selectOption(mode);
      assert.deepEqual(await rows(), expected, mode);
      assert.equal(await field('inputs').inputValue(), inputs);
    }
    await editor.cancel();
    await editor.edit('out');
    await field('mode').selectOption('meta');
    assert.deepEqual(await rows(), ['Store', 'Do', 'Metadata', 'Name']);
    await editor.cancel();
  });

  it('test a Redis before it is saved, and say what is wrong with another', async () => {
    await editor.edit('in');
    await editor.editStore();
    const report = page.locator('#redis-image-store-report');
    await page.locator('#redis-image-store-test').click();
    await report
      .getByText(/^Redis \d+\.\d+\S* at 127\.0\.0\.1:\d+ answers in [\d.]+ ms\.\s.*no limit is set/s)
      .waitFor();
    await page.locator('#node-config-input-url').fill('redis://127.0.0.1:1');
    await page.locator('#redis-image-store-test').click();
    await report.getByText('is redis-server running there').waitFor();
    await editor.cancel();
    await editor.cancel();
  });

  it('move a password from the address to where Node-RED keeps secrets', async () => {
    await editor.edit('in');
    await editor.editStore();
    await page.locator('#node-config-input-url').fill(redis.url.replace('//', '//me:p%40ss@'));
    await editor.done();
    await editor.editStore();
    assert.equal(await page.locator('#node-config-input-url').inputValue(), redis.url);
    assert.equal(await page.locator('#node-config-input-username').inputValue(), 'me');
    assert.equal(await page.locator('#node-config-input-password').inputValue(), 'p@ss');
    for (const name of ['username', 'password']) await page.locator(`#node-config-input-${name}`).fill('');
    await editor.done();
    await editor.cancel();
  });

  it('keep what was typed: in the dialog that is opened again, and in the flow that runs', async () => {
    await editor.edit('capture');
    await editor.type('ttl', 'flow', 'keep');
    await editor.type('burst', 'num', '3');
    await editor.type('meta', 'json', '{"who":"bell"}');
    await field('timeout').fill('20');
    await editor.done();
    await editor.edit('in');
    await field('mode').selectOption('range');
    await editor.type('camera', 'global', 'camera');
    await field('limit').fill('7');
    await field('together').check();
    await editor.done();
    await editor.edit('out');
    await editor.type('ttl', 'env', 'KEEP');
    await editor.type('lux', 'num', '12');
    await editor.done();
    await editor.edit('gallery');
    await field('path').fill('pictures/home');
    await field('allowPin').check();
    await editor.type('camera', 'env', 'CAMERA');
    await editor.done();
    await editor.deploy();
    const { flows } = flowsSchema.parse(await (await nodeRed.admin('flows')).json());
    const kept = {
      capture: { ttl: 'keep', ttlType: 'flow', burst: '3', meta: '{"who":"bell"}', metaType: 'json', timeout: '20' },
      in: { mode: 'range', camera: 'camera', cameraType: 'global', limit: '7', together: true, inputs: '1' },
      out: { ttl: 'KEEP', ttlType: 'env', lux: '12', luxType: 'num', mode: 'store' },
      gallery: { path: 'pictures/home', allowPin: true, allowDelete: false, camera: 'CAMERA', cameraType: 'env' },
    };
    for (const [id, values] of Object.entries(kept)) {
      const node = flows.find((each) => each.id === id);
      for (const [name, value] of Object.entries(values)) assert.equal(`${node?.[name]}`, `${value}`, `${id}: ${name}`);
      await editor.edit(id);
      assert.deepEqual(await marked(), [], id);
      for (const [name, value] of Object.entries(values)) {
        const shown = typeof value === 'boolean' ? await field(name).isChecked() : await field(name).inputValue();
        assert.equal(shown, value, `${id}: ${name}`);
      }
      await editor.cancel();
    }
  });
});
