// `npm run screenshots`: makes the pictures in docs/pictures from the running product, so that they stay true.
// A day of images of four simulated cameras is put into a Redis of its own, `npm start` shows them, Chromium looks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Child, freePort, reachable } from './child.mjs';
import { cacheFolder, ensurePackages, ensurePrograms, findProgram, root } from './set-up.mjs';

/** The hour that the cameras and the browser live in: with good light, whenever this is run. */
const hourOfDay = 15;

ensurePackages();
ensurePrograms(['redis-server', 'mosquitto', 'chromium']);
const { ensureBuild } = await import('./build.mjs');
ensureBuild();

const zone = zoneInWhichItIs(hourOfDay);
process.env.TZ = zone;
const pictures = path.join(root, 'docs/pictures');
mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(path.join(tmpdir(), 'luxcam-screenshots-'));
const redisPort = await freePort();
const port = await freePort();
const redisUrl = `redis://127.0.0.1:${redisPort}`;
const place = ['--bind', '127.0.0.1', '--port', `${redisPort}`, '--dir', folder, '--save', ''];
const logFile = path.join(cacheFolder('logs'), 'screenshots-redis.log');
const redis = new Child('redis', findProgram('redis-server'), place, process.env, logFile);
let product;
try {
  await untilReachable(redisPort);
  console.log('Putting a day of images into Redis ...');
  await putDay();
  product = spawn(process.execPath, [path.join(root, 'scripts/start.mjs')], {
    env: { ...process.env, REDIS_URL: redisUrl, PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const text of product.stdout) if (`${text}`.includes('Ctrl-C')) break;
  await takePictures(`http://127.0.0.1:${port}`);
  console.log(`The pictures are in ${path.relative(process.cwd(), pictures)}.`);
} finally {
  if (product !== undefined && product.exitCode === null) {
    product.kill('SIGTERM');
    await once(product, 'exit');
  }
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** The time zone in which the hour is the one asked for; POSIX turns the sign of an offset round. */
function zoneInWhichItIs(wanted) {
  const offset = ((wanted - new Date().getUTCHours() + 36) % 24) - 12;
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}

/** Puts what four cameras would have captured since midnight, by timer, motion and button. */
async function putDay() {
  const require = createRequire(import.meta.url);
  const { RedisConnection } = require('../dist/core/redis-connection.js');
  const { RedisImageStore } = require('../dist/core/redis-image-store.js');
  const { prepareImage } = require('../dist/core/prepare-image.js');
  const { scene } = require('../dist/agent/cameras/scene/scene.js');
  const sharp = require('sharp');
  const connection = new RedisConnection({ url: redisUrl, prefix: '' });
  connection.start();
  await connection.ready();
  const store = new RedisImageStore({ connection, ownsCameras: true });
  const midnight = new Date().setHours(0, 0, 0, 0);
  const cameras = { front: 17, garden: 11, garage: 29, lake: 13 };
  for (const [camera, minutes] of Object.entries(cameras)) {
    for (let at = midnight + 90_000, count = 0; at < Date.now() - 30_000; at += minutes * 59_000, count += 1) {
      const { svg, lux, weather } = scene(new Date(at), camera, 1280, 720);
      const prepared = await prepareImage(await sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer());
      const byDay = new Date(at).getHours() > 6;
      const [trigger, triggerSource] =
        byDay && count % 4 === 1
          ? ['motion', 'gpio27']
          : byDay && count % 11 === 5
            ? ['button', 'gpio17']
            : ['timer', 'timer'];
      const image = await store.put({
        ...prepared,
        camera,
        agent: 'pi1',
        capturedAt: at,
        ttl: 24 * 3600,
        lux,
        trigger,
        triggerSource,
        meta: { weather },
        transaction: null,
        replayed: false,
      });
      if (count % 19 === 7) await store.pin(image.id);
    }
  }
  await connection.stop();
}

async function takePictures(origin) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: findProgram('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = async (width, height, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, timezoneId: zone });
    return context.newPage();
  };
  const settled = async (shown, selector, count) => {
    await shown.locator(selector).nth(count).waitFor();
    await shown.waitForFunction(() => [...document.images].every((image) => image.complete));
    await shown.waitForTimeout(600);
  };

  const small = { type: 'jpeg', quality: 85 };

  const editor = await page(1440, 720, 'light');
  await editor.goto(origin);
  await editor.locator('.red-ui-flow-node').first().waitFor();
  // The button of the inject node, as a person presses it.
  await fetch(`${origin}/inject/luxcam-inject`, { method: 'POST' });
  await editor.locator('text=garden, just now').first().waitFor();
  // Our own nodes stand far down in the palette.
  await editor.locator('#red-ui-palette-container-luxcam').evaluate((palette) => palette.scrollIntoView());
  await editor.waitForTimeout(1000);
  await editor.screenshot({ path: path.join(pictures, 'flow.png'), clip: { x: 0, y: 0, width: 1124, height: 660 } });

  for (const [name, width, height, scheme] of [
    ['gallery', 1440, 860, 'light'],
    ['gallery-dark', 820, 1000, 'dark'],
    ['gallery-phone', 390, 780, 'light'],
  ]) {
    const gallery = await page(width, height, scheme);
    await gallery.goto(`${origin}/luxcam/`);
    await settled(gallery, '.tile img', 8);
    await gallery.screenshot({ path: path.join(pictures, `${name}.jpg`), ...small });
    if (name !== 'gallery') continue;
    await gallery.locator('.tile').nth(3).click();
    await settled(gallery, 'dialog img', 0);
    await gallery.screenshot({ path: path.join(pictures, 'large-view.jpg'), ...small });
  }

  const dashboard = await page(1440, 860, 'light');
  await dashboard.goto(`${origin}/dashboard/luxcam`);
  await settled(dashboard, '.tile img', 6);
  await dashboard.screenshot({ path: path.join(pictures, 'dashboard.jpg'), ...small });
  await browser.close();
}

async function untilReachable(wanted) {
  while (!(await reachable(wanted).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
}
