// What luxcam costs, against something plain that is measured in the same rounds. docs/performance.md says how.
import { cpus } from 'node:os';
import { TestMosquitto } from '../test/support/mosquitto';
import { TestRedis } from '../test/support/redis-server';
import { benchAdopt } from './adopt';
import { benchCapture } from './capture';
import { benchFrames } from './gallery-frames';
import { benchGet } from './get';
import { benchHttp } from './http';
import { benchList } from './list';
import { benchLive } from './live';
import { benchPut } from './put';
import { benchSearch } from './search';
import { benchSizes } from './sizes';
import { type Comparison, formatTable } from './table';

async function main(): Promise<void> {
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  await Promise.all([redis.start(), mosquitto.start()]);
  try {
    const comparisons: Comparison[] = [];
    for (const [name, bench] of Object.entries({
      put: () => benchPut(redis.url),
      get: () => benchGet(redis.url),
      http: () => benchHttp(redis.url),
      list: () => benchList(redis.url),
      search: () => benchSearch(redis.url, Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 100_000)),
      adopt: () => benchAdopt(redis.url),
      live: () => benchLive(redis.url),
      capture: () => benchCapture(redis.url, mosquitto.url),
    })) {
      if (process.argv.length > 2 && !process.argv.includes(name)) continue;
      console.log(`measuring ${name} ...`);
      comparisons.push(...(await bench()));
    }
    if (comparisons.length > 0) console.log(`\n${formatTable(comparisons)}\n`);
    // Figures of their own, without anything to compare them with.
    if (process.argv.includes('sizes')) await benchSizes(redis.url);
    // Only where it is asked for: it needs Chromium and some minutes.
    if (process.argv.includes('frames')) await benchFrames(redis.url, process.argv);
    console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`);
  } finally {
    await Promise.all([redis.stop(), mosquitto.stop()]);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  // What broke may have left its connections and processes open.
  process.exit(1);
});
