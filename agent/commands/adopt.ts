import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import { LuxcamError } from '../../core/luxcam-error';
import { addressOf, redisUrls } from '../../core/redis-address';
import { RedisHold } from '../../core/redis-hold';
import type { RedisImageStore } from '../../core/redis-image-store';
import { Adoption } from '../adopt/adoption';
import { CameraNames } from '../adopt/camera-names';
import { OldImages } from '../adopt/old-images';
import { layoutNames } from '../adopt/old-layouts';
import { Progress } from './adopt-progress';
import { adoptionJson, tellCameras, tellEnd } from './adopt-report';
import { withSources } from './adopt-sources';
import { readArguments, stopSignal } from './command';
import { configurationOption, configurationUsage, readReaderConfiguration } from './configuration';
import { withStore } from './store';
import { readOption } from './words';

export const usage = `Usage: luxcam adopt [OPTIONS]

Copies the images of older programs in Redis to luxcam's: those of redis-pi-camera and of edge-video, byte for byte and
with what is left of their time. Run again, it brings only what is new. Ctrl-C ends it; the next run goes on.

  --from URL         the Redis that they lie in, if it is another one: redis://host:6379; of a cluster any node
  --layout NAME      only those of ${layoutNames.join(' or ')}
  --camera NAME      the camera that the images of redis-pi-camera get, which names none: default, or the one they got before
  --move             deletes each original once its copy is stored
  --no-thumbnails    makes none: faster, and the gallery shows the whole pictures instead
  --dry-run          reads all and writes nothing
  --json             prints what was done as JSON
${configurationUsage}`;

const options = {
  ...configurationOption,
  from: { type: 'string' },
  layout: { type: 'string' },
  camera: { type: 'string' },
  move: { type: 'boolean', default: false },
  'no-thumbnails': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;
type Options = ReturnType<typeof readArguments<typeof options>>['values'];

/** How long a killed one keeps others from copying. */
const holdMilliseconds = 15_000;

const layoutSchema = z.enum(layoutNames, `it is ${layoutNames.join(' or ')}`);

/** Adopts all there is. Returns 1 if something was left out, or if it was interrupted. */
export async function run(args: string[]): Promise<number> {
  const { values } = readArguments(args, options);
  const camera = values.camera === undefined ? undefined : readOption(cameraNameSchema, '--camera', values.camera);
  const layout = values.layout === undefined ? undefined : readOption(layoutSchema, '--layout', values.layout);
  const { redis, agent } = readReaderConfiguration(values.config);
  const from = values.from ?? redis.url;
  const sourceName = nameOfRedis(from) === nameOfRedis(redis.url) ? '' : `${nameOfRedis(from)} `;
  const sourceSettings = values.from === undefined ? redis : { url: from, prefix: '' };
  return withStore(redis, (store) =>
    withSources(sourceSettings, async (connections) => {
      const layouts = layout === undefined ? layoutNames : [layout];
      const sources = connections.map((connection) => new OldImages({ connection, layouts, ownPrefix: redis.prefix }));
      const names = new CameraNames({
        connection: store.connection,
        piCamera: camera,
        source: sourceName,
        keep: !values['dry-run'],
      });
      const copy = async () => {
        await names.start();
        return adopt(store, { sources, sourceName, names, agent: agent.name }, values);
      };
      return values['dry-run'] ? copy() : alone(store, copy);
    }),
  );
}

/** Lets only one `luxcam adopt` of a house write at a time: two would copy the same image twice. */
async function alone<T>({ connection }: RedisImageStore, copy: () => Promise<T>): Promise<T> {
  const hold = new RedisHold(connection, connection.keys.adopter(), holdMilliseconds);
  const take = () =>
    hold.take().catch((error: unknown) => {
      throw connection.unavailable('Whether another luxcam adopt runs can not be read or noted', error);
    });
  const other = await take();
  if (other !== null)
    throw new LuxcamError(
      'invalid_request',
      `Another luxcam adopt copies images to this Redis, on ${other.host} since ${other.since}: wait until it has ended. If it was killed, wait ${holdMilliseconds / 1000} s`,
    );
  // Where Redis does not answer, the copying itself ends with what is wrong.
  const renewal = setInterval(() => void take().catch(() => undefined), holdMilliseconds / 3);
  try {
    return await copy();
  } finally {
    clearInterval(renewal);
    await hold.release();
  }
}

interface Places {
  sources: OldImages[];
  sourceName: string;
  names: CameraNames;
  agent: string;
}

async function adopt(store: RedisImageStore, places: Places, values: Options): Promise<number> {
  const progress = new Progress();
  const adoption: Adoption = new Adoption({
    ...places,
    store,
    move: values.move,
    dryRun: values['dry-run'],
    thumbnails: !values['no-thumbnails'],
    onProgress: () => progress.show(adoption.done, adoption.total),
  });
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort());
  const tell = () => {
    progress.end();
    if (values.json) console.log(JSON.stringify(adoptionJson(adoption, stop.signal.aborted)));
    else tellEnd(adoption, { move: values.move, dryRun: values['dry-run'], interrupted: stop.signal.aborted });
  };
  try {
    await adoption.survey(stop.signal);
    if (!values.json) tellCameras(adoption);
    await adoption.bring(stop.signal);
  } catch (error) {
    // What is done is done, whatever went wrong then.
    if (adoption.done > 0) tell();
    throw error;
  }
  tell();
  return stop.signal.aborted || adoption.leftOut.size > 0 || adoption.kept > 0 ? 1 : 0;
}

/** A Redis as it stands in notes: without credentials, and with its database, because each has other keys. */
function nameOfRedis(text: string): string {
  const [url] = redisUrls(text);
  const database = url.protocol === 'unix:' ? '' : url.pathname.slice(1);
  return addressOf(url) + (database === '' || database === '0' ? '' : `/${database}`);
}
