import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import { burstLimit, type CapturedAnnouncement, type FailedAnnouncement, ttlSchema } from '../../core/messages';
import { durationSchema } from '../units';
import { askForImages } from './ask-for-images';
import { withBroker } from './broker';
import { readArguments, UsageError } from './command';
import { configurationOption, configurationUsage, readReaderConfiguration } from './configuration';
import { luxText, printable, readOption, sizeText } from './words';

export const usage = `Usage: luxcam capture CAMERA [OPTIONS]

Asks the camera's agent for a picture over MQTT, waits for it, and prints a line for each image. Ends with status 1 and
the reason if there is none.

  --ttl TIME         how long the image lives: 90s, 5m, 1h, 7d; the camera's own ttl if not given
  --burst NUMBER     how many pictures, 1 to ${burstLimit}
  --meta NAME=VALUE  goes into the image's meta; may be given several times
  --timeout TIME     how long to wait for each picture, 10s if not given
  --json             prints each announcement as a line of JSON
${configurationUsage}`;

const options = {
  ...configurationOption,
  ttl: { type: 'string' },
  burst: { type: 'string', default: '1' },
  meta: { type: 'string', multiple: true, default: [] as string[] },
  timeout: { type: 'string', default: '10s' },
  json: { type: 'boolean', default: false },
} as const;

const wrongBurst = `it is 1 to ${burstLimit}`;
const burstSchema = z.coerce.number(wrongBurst).int(wrongBurst).min(1, wrongBurst).max(burstLimit, wrongBurst);
const longest = 'it is at most ten years';

/** Has pictures taken. Returns 1 if one of them failed. */
export async function run(args: string[]): Promise<number> {
  const { values, words } = readArguments(args, options, ['the camera']);
  const camera = readOption(cameraNameSchema, 'the camera', words[0]);
  const ttl = values.ttl === undefined ? undefined : readOption(durationSchema, '--ttl', values.ttl) / 1000;
  if (ttl !== undefined && !ttlSchema.safeParse(ttl).success) throw new UsageError(`--ttl '${values.ttl}': ${longest}`);
  const burst = readOption(burstSchema, '--burst', values.burst);
  const timeout = readOption(durationSchema, '--timeout', values.timeout);
  const meta = Object.fromEntries(values.meta.map(readMeta));
  const { mqtt } = readReaderConfiguration(values.config);
  let status = 0;
  const onAnswer = (said: CapturedAnnouncement | FailedAnnouncement) => {
    if (said.event === 'failed') status = 1;
    if (values.json) console.log(JSON.stringify(said));
    else if (said.event === 'captured') console.log(imageLine(said));
    if (said.event === 'failed') console.error(printable(`${said.error.message} (${said.error.code})`));
  };
  await withBroker(mqtt, (client) =>
    askForImages({ client, base: mqtt.base, camera, command: { ttl, burst, meta }, timeout, onAnswer }),
  );
  return status;
}

function readMeta(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--meta '${text}': it is NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function imageLine({ id, width, height, size, lux }: CapturedAnnouncement): string {
  const pixels = width === null ? [] : [`${width}x${height}`];
  return [id, ...pixels, sizeText(size), ...(lux === null ? [] : [`${luxText(lux)} lux`])].join('  ');
}
