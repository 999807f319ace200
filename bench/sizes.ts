import { randomBytes } from 'node:crypto';
import { capturedAnnouncement } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';
import { newImage } from '../test/support/new-image';
import { connectStore } from './store';

/** The inputs of docs/growing.md: what an image costs Redis in memory and time beyond its bytes. Prints a table. */
export async function benchSizes(redisUrl: string): Promise<void> {
  const store = await connectStore(redisUrl, 'sizes:');
  const rows: [string, string][] = [];
  await store.connection.client.flushAll();
  for (const [name, bytes, count] of [
    ['50 KB', 50_000, 4000],
    ['200 KB', 200_000, 2000],
    ['0.5 MB', 500_000, 1000],
    ['1 MB', 1_000_000, 500],
    ['2 MB', 2_000_000, 250],
  ] as const) {
    const { memory, seconds, redisSeconds } = await fill(store, count, bytes, 12_000);
    rows.push([
      `memory of ${name} with a thumbnail of 12 KB`,
      `${(memory / count / (bytes + 12_000)).toFixed(2)} x its bytes`,
    ]);
    const [rate, most] = [count / seconds, count / redisSeconds];
    rows.push([`  stored by one process`, `${rate.toFixed(0)}/s, ${((rate * bytes) / 1e6).toFixed(0)} MB/s`]);
    rows.push([`  one core of Redis would store`, `${most.toFixed(0)}/s, ${((most * bytes) / 1e6).toFixed(0)} MB/s`]);
    await store.connection.client.flushAll();
  }
  rows.push(...(await withoutPictures(store)));
  await store.connection.stop();
  const width = Math.max(...rows.map(([name]) => name.length));
  console.log(`\n${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`);
}

/** What remains of an image whose picture takes next to nothing. */
async function withoutPictures(store: RedisImageStore): Promise<[string, string][]> {
  const { client, keys } = store.connection;
  const count = 100_000;
  const callsBefore = await commandsRun(store);
  const { memory } = await fill(store, count, 100, 0);
  const calls = (await commandsRun(store)) - callsBefore;
  const usage = async (key: string) => Number(await client.memoryUsage(key, { SAMPLES: 0 }));
  const indexes = [keys.images('front'), keys.triggered('front', 'timer'), keys.lit('front', 'timer')];
  let index = 0;
  for (const key of indexes) index += await usage(key);
  const redisBefore = await redisTime(store);
  const began = performance.now();
  await store.trimIndex();
  const trimmed = performance.now() - began;
  const redisMilliseconds = ((await redisTime(store)) - redisBefore) * 1000;
  const image = await store.list({ limit: 1 });
  const announcement = image.images[0] && capturedAnnouncement(image.images[0], { transaction: null }, false);
  return [
    [`memory of an image without its picture (of ${count})`, `${Math.round(memory / count)} bytes`],
    ['  of these its place in three indexes', `${Math.round(index / count)} bytes`],
    ['the feed events, about 10,000 entries', `${((await usage(keys.events())) / 1e6).toFixed(1)} MB`],
    ['commands that Redis runs for an image', (calls / count).toFixed(1)],
    ['an announcement', `${JSON.stringify(announcement).length} bytes`],
    [
      `looking through an index of ${count}`,
      `${trimmed.toFixed(0)} ms, ${redisMilliseconds.toFixed(0)} ms of them Redis'`,
    ],
  ];
}

/** Stores images eight at a time. Returns the bytes of memory and the seconds they took, all in all and of Redis' own. */
async function fill(store: RedisImageStore, count: number, bytes: number, thumbnail: number) {
  const image = newImage({
    bytes: randomBytes(bytes),
    ...(thumbnail > 0 && { thumbnail: randomBytes(thumbnail) }),
    lux: 268,
    ttl: 100_000,
    meta: { ExposureTime: 9998, AnalogueGain: 1.5, ColourTemperature: 4200 },
  });
  const [memory, redisSeconds, began] = [await usedMemory(store), await redisTime(store), performance.now()];
  let left = count;
  const storeSome = async () => {
    for (; left > 0; ) {
      left -= 1;
      await store.put({ ...image, capturedAt: Date.now() });
    }
  };
  await Promise.all(Array.from({ length: 8 }, storeSome));
  const seconds = (performance.now() - began) / 1000;
  const [memoryAfter, redisAfter] = [await usedMemory(store), await redisTime(store)];
  return { memory: memoryAfter - memory, seconds, redisSeconds: redisAfter - redisSeconds };
}

async function information({ connection }: RedisImageStore, section: string): Promise<Map<string, string>> {
  const lines = (await connection.client.info(section)).split('\r\n');
  return new Map(lines.map((line) => [line.split(':')[0] ?? '', line.split(':')[1] ?? '']));
}

async function usedMemory(store: RedisImageStore): Promise<number> {
  return Number((await information(store, 'memory')).get('used_memory'));
}

/** How many commands Redis has run since its start. */
async function commandsRun(store: RedisImageStore): Promise<number> {
  return Number((await information(store, 'stats')).get('total_commands_processed'));
}

/** Seconds of a processor that Redis has used since its start. */
async function redisTime(store: RedisImageStore): Promise<number> {
  const processor = await information(store, 'cpu');
  return Number(processor.get('used_cpu_sys')) + Number(processor.get('used_cpu_user'));
}
