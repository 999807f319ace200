import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { z } from 'zod';
import { parseJson } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import { startBrowser } from '../test/support/browser';
import { newImage } from '../test/support/new-image';
import { quantile } from './alternate';
import { startServers } from './serving';
import { connectStore } from './store';

const images = 100_000;
const days = 28;
const cameras = ['front', 'garden', 'street', 'lake'];
const triggers = ['timer', 'timer', 'motion', 'button'] as const;
const rounds = 3;
const sizes = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1920, height: 1080 },
];

/** What somebody does in the gallery; resolves when it is done, or has had its time. */
type Scene = (page: Page, url: string) => Promise<unknown>;

const shown = (page: Page) => page.locator('button.tile .loaded').first().waitFor();
const settled = (page: Page) => page.waitForTimeout(1500);

const scenes: Record<string, Scene> = {
  'an empty page': (page) => settled(page),
  'first load': async (page, url) => {
    await page.goto(url);
    await shown(page);
    await settled(page);
  },
  'to the bottom at once': async (page) => {
    await page.locator('.scroller').evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
    await settled(page);
  },
  'dragged up through all': (page) => scrollThrough(page, -1, 120),
  'by the wheel, fast': async (page) => {
    await page.locator('.scroller').hover();
    for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, 600);
    await settled(page);
  },
  'to a day': async (page) => {
    await page.getByRole('slider', { name: /Travel/ }).focus();
    for (let day = 0; day < 3; day++) {
      await page.keyboard.press('PageUp');
      await page.waitForTimeout(700);
    }
  },
  'End, Home by key': async (page) => {
    await page.locator('button.tile').first().focus();
    for (const key of ['End', 'Home']) {
      await page.keyboard.press(key);
      await page.waitForTimeout(1000);
    }
  },
  'filtered by trigger': (page) => filter(page, 'trigger=motion'),
  'filtered by light': (page) => filter(page, 'lux_max=100'),
};

async function filter(page: Page, text: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, text);
  await settled(page);
  await page.evaluate(() => {
    location.hash = '';
  });
  await settled(page);
}

/** Scrolls through the whole grid in so many steps, one a frame, as who drags the scrollbar does. */
async function scrollThrough(page: Page, direction: 1 | -1, steps: number): Promise<void> {
  await page.locator('.scroller').evaluate(
    async (scroller, by) => {
      for (let step = 0; step < by.steps; step++) {
        scroller.scrollTop += (by.direction * scroller.scrollHeight) / by.steps;
        await new Promise(requestAnimationFrame);
      }
    },
    { direction, steps },
  );
  await settled(page);
}

/** Notes in the page how long each frame took, when something was first painted, and how far things moved by themselves. */
const watchFrames = `
  window.frames_ = [];
  window.painted_ = 0;
  window.shift_ = 0;
  let last = performance.now();
  const step = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(step); });
  const observe = (type, seen) =>
    new PerformanceObserver((list) => list.getEntries().forEach(seen)).observe({ type, buffered: true });
  observe('paint', ({ name, startTime }) => { if (name === 'first-contentful-paint') window.painted_ = startTime; });
  observe('layout-shift', ({ value }) => { window.shift_ += value; });
`;

/** What a scene took at its longest, in milliseconds: a frame, and the processor's time for one task of the page. */
interface Longest {
  frame: number[];
  task: number[];
}

/** What the rounds at one size have shown. `paint` is in milliseconds, `shift` is the score that browsers give. */
interface Measured {
  scenes: Record<string, Longest>;
  paint: number[];
  shift: number[];
}

/**
 * Prints the longest frame and task of each scene with 100,000 images of four weeks in Redis, at screens of these widths,
 * or of all where none is given.
 */
export async function benchFrames(redisUrl: string, widths: readonly string[]): Promise<void> {
  const asked = sizes.filter(({ width }) => widths.includes(`${width}`));
  const store = await connectStore(redisUrl, 'frames:');
  await fill(store);
  const server = await startServers('gallery-server.ts', { REDIS_URL: redisUrl, PREFIX: 'frames:' });
  const browser = await startBrowser();
  try {
    const url = `http://127.0.0.1:${server.ports[0]}/`;
    for (const size of asked.length > 0 ? asked : sizes)
      console.log(table(size.width, await measure(browser, size, url)));
    console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    await browser.close();
    await Promise.all([server.stop(), store.connection.stop()]);
  }
}

async function measure(browser: Browser, viewport: { width: number; height: number }, url: string) {
  const names = Object.keys(scenes);
  const measured: Measured = {
    scenes: Object.fromEntries(names.map((name) => [name, { frame: [], task: [] }])),
    paint: [],
    shift: [],
  };
  // What traces the tasks takes time of its own, so the frames have rounds of their own.
  for (let round = 0; round < 2 * rounds; round++)
    await measureRound(browser, viewport, url, measured, round % 2 === 1);
  return measured;
}

async function measureRound(
  browser: Browser,
  viewport: { width: number; height: number },
  url: string,
  measured: Measured,
  traced: boolean,
): Promise<void> {
  const page = await (await browser.newContext({ viewport })).newPage();
  await page.addInitScript(watchFrames);
  await page.goto('about:blank');
  for (const [name, scene] of Object.entries(scenes)) {
    if (traced) await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await page.evaluate('window.frames_ = []');
    await scene(page, url);
    const frames = await page.evaluate<number[]>('window.frames_');
    if (traced) measured.scenes[name]?.task.push(longestTask((await browser.stopTracing()).toString()));
    else measured.scenes[name]?.frame.push(Math.max(...frames));
  }
  if (!traced) {
    measured.paint.push(await page.evaluate<number>('window.painted_'));
    measured.shift.push(await page.evaluate<number>('window.shift_'));
  }
  await page.context().close();
}

const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      tdur: z.number().optional(),
      args: z.object({ name: z.unknown().optional() }).optional(),
    }),
  ),
});

/** The processor's time, in milliseconds, for the longest task on the main thread of a page in a trace of Chromium. */
function longestTask(trace: string): number {
  const { traceEvents } = parseJson(traceSchema, trace);
  const thread = ({ pid, tid }: { pid: number; tid: number }) => `${pid} ${tid}`;
  const main = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(thread),
  );
  const tasks = traceEvents.filter(
    (event) => event.name === 'ThreadControllerImpl::RunTask' && main.has(thread(event)),
  );
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

function table(width: number, { scenes: longest, paint, shift }: Measured): string {
  const lines = Object.entries(longest).map(([name, { frame, task }]) => {
    const cells = [quantile(frame, 0.5), Math.max(...frame), quantile(task, 0.5), Math.max(...task)];
    return name.padEnd(26) + cells.map((value) => `${Math.round(value)}`.padStart(12)).join('');
  });
  const heading = ['frame', 'at most', 'task', 'at most'].map((cell) => cell.padStart(12)).join('');
  const painted = `first contentful paint ${Math.round(quantile(paint, 0.5))}, at most ${Math.round(Math.max(...paint))}`;
  const moved = `layout shift ${Math.max(...shift).toFixed(4)} at most`;
  return [`at ${width} px, ms`.padEnd(26) + heading, ...lines, `${painted}; ${moved}`, ''].join('\n');
}

/** Stores pictures of a few kilobytes over four weeks, the newest of them now, more by day than by night. */
async function fill(store: RedisImageStore): Promise<void> {
  const pictures = await Promise.all(Array.from({ length: 24 }, (_, at) => picture(at)));
  const span = days * 86_400_000;
  const now = Date.now();
  const together = 1000;
  for (let from = 0; from < images; from += together) {
    const batch = Array.from({ length: together }, (_, at) => {
      const number = from + at;
      const capturedAt = Math.round(now - span + ((number + 1) * span) / images);
      const light = Math.max(0, Math.sin(((capturedAt % 86_400_000) / 86_400_000) * Math.PI * 2 - Math.PI / 2));
      return newImage({
        bytes: pictures[number % pictures.length],
        camera: cameras[number % cameras.length],
        trigger: triggers[(number >> 2) % triggers.length],
        lux: Math.round(light * 10_000),
        ttl: 2 * days * 86_400,
        capturedAt,
      });
    });
    await Promise.all(batch.map((image) => store.put(image)));
  }
}

function picture(at: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180"><filter id="n"><feTurbulence
    baseFrequency="0.02" numOctaves="4" seed="${at}"/></filter><rect width="320" height="180" filter="url(#n)"/></svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: '#456' }).jpeg({ quality: 70 }).toBuffer();
}
