import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { cameraNameSchema, imageIdSchema } from '../../core/image';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { toImageMessage } from '../../core/messages';
import type { RedisImageStore } from '../../core/redis-image-store';
import { readArguments, UsageError } from './command';
import { configurationOption, configurationUsage, readReaderConfiguration } from './configuration';
import { withStore } from './store';
import { sizeText } from './words';

export const usage = `Usage: luxcam get ID|CAMERA [OPTIONS]

Writes an image's bytes to a file: the image with this id, or the newest one of this camera.

  --output FILE      the file; - is the standard output, which is meant too where it is no terminal
  --thumbnail        the small picture instead
  --json             what is known of the image instead of its bytes
${configurationUsage}`;

const options = {
  ...configurationOption,
  output: { type: 'string', short: 'o' },
  thumbnail: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Writes one image somewhere. Throws a LuxcamError `not_found` if it is gone. */
export async function run(args: string[]): Promise<number> {
  const { values, words } = readArguments(args, options, ['the id or the camera']);
  const [wanted = ''] = words;
  const { output = '-', thumbnail, json } = values;
  const bad = !imageIdSchema.safeParse(wanted).success && !cameraNameSchema.safeParse(wanted).success;
  if (bad) throw new UsageError(`'${wanted}' is neither an id such as front:1781000000123 nor a camera's name`);
  if (output === '-' && process.stdout.isTTY && !json)
    throw new UsageError('a terminal shows no images: name a file with --output');
  const { redis } = readReaderConfiguration(values.config);
  const found = await withStore(redis, async (store) => {
    const id = await findId(store, wanted);
    if (json) return Buffer.from(`${JSON.stringify(toImageMessage(present(id, await store.describe(id))))}\n`);
    if (!thumbnail) return present(id, await store.get(id)).bytes;
    const { thumbnail: bytes } = present(id, await store.thumbnail(id));
    if (bytes === null) throw new LuxcamError('not_found', `The image ${id} has no thumbnail.`);
    return bytes;
  });
  await write(found, output);
  return 0;
}

async function findId(store: RedisImageStore, wanted: string): Promise<string> {
  if (wanted.includes(':')) return wanted;
  const { images } = await store.list({ cameras: [wanted], limit: 1, total: false });
  if (images[0] !== undefined) return images[0].id;
  const cameras = (await store.cameras()).join(', ');
  const known = cameras === '' ? 'Redis knows no camera yet.' : `Redis knows the cameras ${cameras}.`;
  throw new LuxcamError('not_found', `There is no image of the camera ${wanted}. ${known}`);
}

function present<T>(id: string, found: T | null): T {
  if (found !== null) return found;
  throw new LuxcamError('not_found', `There is no image ${id}: it has expired or was deleted, or there never was one.`);
}

async function write(bytes: Buffer, output: string): Promise<void> {
  if (output === '-') {
    if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
    return;
  }
  try {
    await writeFile(output, bytes);
  } catch (error) {
    throw new Error(`${output} can't be written: ${messageOf(error)}`, { cause: error });
  }
  console.error(`${output}: ${sizeText(bytes.length)}`);
}
