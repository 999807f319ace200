import { z } from 'zod';
import { cameraNameSchema, imageIdSchema, type StoredImage, triggerNames } from '../../core/image';
import type { ImageQuery } from '../../core/image-list';
import { toImageMessage } from '../../core/messages';
import { readArguments } from './command';
import { configurationOption, configurationUsage, readReaderConfiguration } from './configuration';
import { withStore } from './store';
import { luxText, readOption, readTime, sizeText, spanText, table, timeText } from './words';

export const usage = `Usage: luxcam list [OPTIONS]

Lists the images in Redis, newest first.

  --camera NAME      of this camera; may be given several times
  --trigger NAME     started by this: ${triggerNames.join(', ')}
  --from, --to TIME  captured in this time: 2h (so long ago), 2026-06-09 or '2026-06-09 14:30'
  --lux-min, --lux-max NUMBER
  --pinned           only those that are kept for ever
  --limit NUMBER     1 to 1000, 20 if not given
  --cursor ID        goes on where a list ended: the id it names at its end
  --json             prints {"images":[...],"next":...,"total":...}, with the names of the announcements
${configurationUsage}`;

const options = {
  ...configurationOption,
  camera: { type: 'string', multiple: true },
  trigger: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'lux-min': { type: 'string' },
  'lux-max': { type: 'string' },
  pinned: { type: 'boolean' },
  limit: { type: 'string', default: '20' },
  cursor: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const limitSchema = z.coerce.number('it is 1 to 1000').int('it is 1 to 1000').min(1, 'it is 1 to 1000');
const luxSchema = z.coerce.number('it is a number such as 268 or 0.5').min(0, 'it is not negative');
const triggerSchema = z.enum(triggerNames, `it is one of ${triggerNames.join(', ')}`);

/** Prints a page of images. */
export async function run(args: string[]): Promise<number> {
  const { values } = readArguments(args, options);
  const query = readQuery(values);
  const { redis } = readReaderConfiguration(values.config);
  const { images, next, total, now } = await withStore(redis, async (store) => ({
    ...(await store.list(query)),
    now: Date.now() + store.connection.clockOffset,
  }));
  if (values.json) console.log(JSON.stringify({ images: images.map(toImageMessage), next, total }));
  else if (images.length === 0) console.error('There are no such images.');
  else {
    console.log(imageTable(images, now));
    const those = total === null ? '' : `${images.length} of ${total.toLocaleString('en')}. `;
    if (next !== null) console.log(`\n${those}There are more: --cursor ${next}`);
  }
  return 0;
}

function readQuery(values: ReturnType<typeof readArguments<typeof options>>['values']): ImageQuery {
  const { camera, trigger, from, to, pinned, limit, cursor } = values;
  const given = <T, R>(value: T | undefined, read: (value: T) => R) => (value === undefined ? undefined : read(value));
  return {
    cameras: camera?.map((name) => readOption(cameraNameSchema, '--camera', name)),
    trigger: given(trigger, (text) => readOption(triggerSchema, '--trigger', text)),
    from: given(from, (text) => readTime('--from', text)),
    to: given(to, (text) => readTime('--to', text)),
    luxMin: given(values['lux-min'], (text) => readOption(luxSchema, '--lux-min', text)),
    luxMax: given(values['lux-max'], (text) => readOption(luxSchema, '--lux-max', text)),
    pinned,
    limit: readOption(limitSchema.max(1000, 'it is 1 to 1000'), '--limit', limit),
    cursor: given(cursor, (text) => readOption(imageIdSchema, '--cursor', text)),
  };
}

function imageTable(images: readonly StoredImage[], now: number): string {
  const rows = images.map((image) => [
    image.id,
    timeText(image.capturedAt),
    image.trigger,
    luxText(image.lux),
    image.width === null ? '' : `${image.width}x${image.height}`,
    sizeText(image.size),
    image.expiresAt === null ? 'pinned' : spanText(image.expiresAt - now),
  ]);
  return table([['ID', 'CAPTURED', 'TRIGGER', 'LUX', 'PIXELS', 'SIZE', 'LEFT'], ...rows], [3, 4, 5, 6]);
}
