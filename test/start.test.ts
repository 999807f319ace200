import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { createClient } from 'redis';
import { z } from 'zod';
import { imageMessageSchema } from '../core/messages';
import { startBrowser } from './support/browser';
import { freePort } from './support/free-port';
import { MqttListener } from './support/mqtt-listener';
import { ServerProcess, systemProgram } from './support/server-process';

const root = path.resolve(__dirname, '..');
const imagesSchema = z.object({ images: z.array(imageMessageSchema) });

/** `npm start`, as a person has it running: the five addresses that it prints. */
async function start(environment: NodeJS.ProcessEnv = {}) {
  const port = await freePort();
  const all = { ...process.env, PORT: `${port}`, ...environment };
  const product = new ServerProcess(process.execPath, [path.join(root, 'scripts/start.mjs')], all);
  await product.printed(/Ctrl-C stops everything/);
  const address = (name: string) => product.output.match(new RegExp(`^${name} +(\\S+)$`, 'm'))?.[1] ?? '';
  return { product, port, address };
}

async function listedImages(gallery: string) {
  return imagesSchema.parse(await (await fetch(`${gallery}api/images?limit=200`)).json()).images;
}

/** The processes that a process has started and that are still there. */
function childrenOf(pid: number | undefined): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      // The fourth field is the parent; the second, the name in brackets, may hold anything.
      return (
        readFileSync(`/proc/${entry}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1] === `${pid}`
      );
    } catch {
      // It has ended since.
      return false;
    }
  });
}

describe('npm start', () => {
  let running: Awaited<ReturnType<typeof start>>;
  let browser: Browser;

  before(async function () {
    this.timeout(120_000);
    [running, browser] = await Promise.all([start(), startBrowser()]);
  });
  after(async () => {
    await browser.close();
    await running.product.stop();
  });

  it('says where the editor, dashboard, gallery, Redis and MQTT are', () => {
    const { address, port } = running;
    assert.equal(address('Editor'), `http://127.0.0.1:${port}/`);
    assert.equal(address('Dashboard'), `http://127.0.0.1:${port}/dashboard/luxcam`);
    assert.equal(address('Gallery'), `http://127.0.0.1:${port}/luxcam/`);
    assert.match(address('Redis'), /^redis:\/\/127\.0\.0\.1:\d+$/);
    assert.match(address('MQTT'), /^mqtt:\/\/127\.0\.0\.1:\d+$/);
  });

  it('keeps the images in a Redis of its own, as the contract has it', async () => {
    const redis = await createClient({ url: running.address('Redis') }).connect();
    const listener = await new MqttListener().start(running.address('MQTT'));
    try {
      await listener.message(({ topic }) => topic === 'luxcam/garden/latest');
      const [id] = await redis.zRange('images:garden', 0, 0, { REV: true });
      const left = await redis.pTTL(`image:${id}`);
      assert.ok(left > 0 && left <= 900_000, `${left} ms are left`);
      assert.equal(await redis.hGet(`image:${id}`, 'mime_type'), 'image/jpeg');
      const policy = await redis.configGet(['maxmemory', 'maxmemory-policy']);
      assert.deepEqual({ ...policy }, { maxmemory: '268435456', 'maxmemory-policy': 'volatile-ttl' });
    } finally {
      redis.destroy();
      await listener.stop();
    }
  });

  it('shows the inject node’s picture in the open gallery and on the open dashboard, without a reload', async () => {
    const { address } = running;
    const listener = await new MqttListener().start(address('MQTT'));
    const [gallery, dashboard] = await Promise.all([browser.newPage(), browser.newPage()]);
    try {
      await Promise.all([gallery.goto(address('Gallery')), dashboard.goto(address('Dashboard'))]);
      await Promise.all([gallery.locator('.tile').first().waitFor(), dashboard.locator('.tile').first().waitFor()]);
      await fetch(`${address('Editor')}inject/luxcam-inject`, { method: 'POST' });
      const said = await listener.announcement(
        'garden',
        (each) => each.event === 'captured' && each.trigger === 'command',
      );
      assert.ok(said.event === 'captured');
      await gallery.locator(`[data-image="${said.id}"] img`).waitFor();
      await dashboard.locator(`[data-image="${said.id}"] img`).waitFor();
      await dashboard.locator(`img[src="/luxcam/images/${said.id}"]`).waitFor();
    } finally {
      await Promise.all([gallery.close(), dashboard.close(), listener.stop()]);
    }
  });

  it('stops on Ctrl-C and leaves no process behind', async () => {
    const { product, address } = running;
    assert.ok(childrenOf(product.child.pid).length >= 4);
    assert.equal(await product.stop('SIGINT'), 0);
    await assert.rejects(fetch(address('Editor')));
    assert.deepEqual(childrenOf(product.child.pid), []);
  });
});

describe('npm start with other settings', () => {
  it('takes its pictures from LUXCAM_INPUT', async function () {
    this.timeout(120_000);
    const folder = await mkdtemp(path.join(tmpdir(), 'luxcam-input-'));
    const film = path.join(folder, 'film.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=10', '-t', '3', '-pix_fmt', 'yuv420p'];
    execFileSync(systemProgram('ffmpeg', 'ffmpeg'), ['-loglevel', 'error', ...picture, film]);
    const { product, address } = await start({ LUXCAM_INPUT: film });
    try {
      const listener = await new MqttListener().start(address('MQTT'), 'luxcam/garden/#');
      await listener.message(({ topic }) => topic === 'luxcam/garden/latest');
      await listener.stop();
      const [image] = await listedImages(address('Gallery'));
      assert.deepEqual([image?.width, image?.height, image?.lux], [640, 360, null]);
    } finally {
      await product.stop();
      await rm(folder, { recursive: true });
    }
  });

  it('guards everything with a password where others reach it', async function () {
    this.timeout(120_000);
    const { product, port } = await start({ HOST: '0.0.0.0' });
    try {
      const password = product.output.match(/Sign in as luxcam with the password (\S+)/)?.[1] ?? '';
      assert.ok(password.length >= 12);
      const status = async (place: string, headers: Record<string, string> = {}) =>
        (await fetch(`http://127.0.0.1:${port}${place}`, { headers })).status;
      const known = { authorization: `Basic ${Buffer.from(`luxcam:${password}`).toString('base64')}` };
      const socket = '/dashboard/socket.io/?EIO=4&transport=polling';
      assert.deepEqual(
        await Promise.all(['/luxcam/', '/dashboard/luxcam', '/flows'].map((place) => status(place))),
        [401, 401, 401],
      );
      assert.deepEqual(
        await Promise.all(['/luxcam/', '/dashboard/luxcam'].map((place) => status(place, known))),
        [200, 200],
      );
      assert.equal(await status(socket, known), 200);
    } finally {
      await product.stop();
    }
  });
});
