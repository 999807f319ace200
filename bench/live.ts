import { RESP_TYPES } from 'redis';
import { LiveFrameReader } from '../core/live-frame-reader';
import { LiveFrameWriter } from '../core/live-frame-writer';
import { markedFrame } from '../test/support/live-frame';
import { alternate, milliseconds } from './alternate';
import { liveTrial } from './live-trial';
import { connectStore } from './store';
import type { Comparison } from './table';

/** A live frame of 100 KB from the sender to a reader that waits for it, against SET and GET of bytes and of a counter. */
export async function benchLive(redisUrl: string): Promise<Comparison[]> {
  const { connection } = await connectStore(redisUrl, 'live:');
  const plain = await connectStore(redisUrl, 'plain:');
  const { client } = plain.connection;
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const writer = new LiveFrameWriter(connection, 'front');
  const stop = new AbortController();
  const frames = new LiveFrameReader(connection, 'front').frames(stop.signal);
  const jpeg = markedFrame(1);
  // The first one connects the reader.
  await writer.send(jpeg, Date.now());
  await frames.next();

  let counter = 0;
  const setBoth = () => Promise.all([client.set('plain:frame', jpeg), client.set('plain:counter', `${++counter}`)]);
  const [throughStream = [], polled = []] = await alternate({ warmUp: 50, rounds: 1000 }, [
    () => milliseconds(() => Promise.all([writer.send(jpeg, Date.now()), frames.next()])),
    () =>
      milliseconds(async () => {
        await setBoth();
        await Promise.all([binary.get('plain:frame'), client.get('plain:counter')]);
      }),
  ]);
  const [sent = [], set = []] = await alternate({ warmUp: 50, rounds: 1000 }, [
    () => milliseconds(() => writer.send(jpeg, Date.now())),
    () => milliseconds(setBoth),
  ]);
  stop.abort();
  await Promise.all([connection.stop(), plain.connection.stop()]);
  console.log(await liveTrial(redisUrl));
  return [
    {
      name: 'a live frame of 100 KB to a reader that waits',
      ours: throughStream,
      against: 'SET and GET of frame and counter, asked at the right moment',
      theirs: polled,
      unit: 'ms',
      goal: { atMost: 1.5 },
    },
    { name: 'the sender alone', ours: sent, against: 'SET of frame and counter', theirs: set, unit: 'ms' },
  ];
}
