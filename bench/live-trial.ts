import { setTimeout as pause } from 'node:timers/promises';
import { RESP_TYPES } from 'redis';
import { z } from 'zod';
import { type LiveCounts, LiveFrameReader } from '../core/live-frame-reader';
import { LiveFrameWriter } from '../core/live-frame-writer';
import type { RedisConnection } from '../core/redis-connection';
import { markedFrame, readMark } from '../test/support/live-frame';
import { connectStore } from './store';

const framesPerSecond = 60;
const readsPerSecond = 50;
const frameBytes = 100_000;

/** How long each part takes, in seconds: `npm run bench -- live 60` lets a reader stall for a minute. */
const seconds = Number(process.argv.find((word) => /^\d{1,3}$/.test(word)) ?? 5);

/**
 * 60 frames of 100 KB a second, and readers of 50 a second: ours, one that stalls in the midst, and the way of a pair of
 * scripts that `SET`s bytes and counter and reads both with `GET`. Returns what became of the frames, as a table.
 */
export async function liveTrial(redisUrl: string): Promise<string> {
  const { connection } = await connectStore(redisUrl, 'trial:');
  const rows = [
    ['', 'sent', 'seen', 'skipped', 'repeated', 'torn', 'the last one seen', 'Redis at most'],
    await throughStream(connection, 'a reader of 50 a second', async () => undefined),
    await throughStream(connection, `a reader that stalls for ${seconds} s`, stallOnce()),
    await polled(connection),
  ];
  await connection.stop();
  return rows.map((cells) => cells.map((cell, at) => cell.padEnd(at === 0 ? 28 : 18)).join('')).join('\n');
}

function stallOnce(): () => Promise<void> {
  let reads = 0;
  return async () => {
    reads += 1;
    if (reads === readsPerSecond) await pause(seconds * 1000);
  };
}

async function throughStream(connection: RedisConnection, name: string, stall: () => Promise<void>): Promise<string[]> {
  const writer = new LiveFrameWriter(connection, 'front');
  const reader = new LiveFrameReader(connection, 'front');
  const stop = new AbortController();
  const memory = await watchMemory(connection);
  const sending = sendFrames(seconds, (mark) => writer.send(markedFrame(mark, frameBytes), Date.now()));
  const sent = seconds * framesPerSecond;
  let last = 0;
  let torn = 0;
  for await (const { jpeg } of reader.frames(stop.signal)) {
    last = readMark(jpeg);
    if (Number.isNaN(last)) torn += 1;
    if (last === sent) break;
    await stall();
    await pause(1000 / readsPerSecond);
  }
  await sending;
  await connection.client.del(connection.keys.live('front'));
  const { counts } = reader;
  return row(name, { ...counts, torn: counts.torn + torn }, last === sent, await memory());
}

async function polled(connection: RedisConnection): Promise<string[]> {
  const { client } = connection;
  const binary = client.duplicate().withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  await binary.connect();
  const memory = await watchMemory(connection);
  const sent = seconds * framesPerSecond;
  let over = false;
  const sending = sendFrames(seconds, async (mark) => {
    await client.set('trial:frame', markedFrame(mark, frameBytes));
    await client.set('trial:counter', `${mark}`);
  }).finally(() => {
    over = true;
  });
  const counts: LiveCounts = { sent, seen: 0, skipped: 0, repeated: 0, torn: 0 };
  let last = 0;
  while (!over) {
    const bytes = await binary.get('trial:frame');
    const counter = Number(await binary.get('trial:counter'));
    if (bytes !== null && readMark(Buffer.from(bytes)) !== counter) counts.torn += 1;
    if (counter === last) counts.repeated += 1;
    else {
      counts.seen += 1;
      counts.skipped += counter - last - 1;
      last = counter;
    }
    await pause(1000 / readsPerSecond);
  }
  await sending;
  binary.destroy();
  return row('SET, and GET 50 times a second', counts, last === sent, await memory());
}

/** Sends frames at their pace. What is late is not caught up with. */
async function sendFrames(duration: number, send: (mark: number) => Promise<unknown>): Promise<void> {
  let due = performance.now();
  for (let mark = 1; mark <= duration * framesPerSecond; mark += 1) {
    await send(mark);
    due = Math.max(due + 1000 / framesPerSecond, performance.now());
    await pause(due - performance.now());
  }
}

/** Looks at Redis' memory twice a second. The returned function ends that and returns by how many bytes it grew at most. */
async function watchMemory({ client }: RedisConnection): Promise<() => Promise<number>> {
  const read = async () => z.coerce.number().parse(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  const before = await read();
  let most = before;
  const look = async () => {
    most = Math.max(most, await read());
  };
  const timer = setInterval(() => void look(), 500);
  return async () => {
    clearInterval(timer);
    await look();
    return most - before;
  };
}

function row(name: string, { sent, seen, skipped, repeated, torn }: LiveCounts, sawLast: boolean, memory: number) {
  const numbers = [sent, seen, skipped, repeated, torn].map(String);
  return [name, ...numbers, sawLast ? 'yes' : 'no', `+${(memory / 1e6).toFixed(1)} MB`];
}
