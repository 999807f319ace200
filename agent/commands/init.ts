import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../core/luxcam-error';
import { configurationSchema } from '../config';
import { readEnvironment } from '../environment';
import { withBroker } from './broker';
import { readArguments } from './command';
import { type FoundCamera, findCameras } from './find-cameras';
import { withStore } from './store';
import { printable } from './words';

export const usage = `Usage: luxcam init [--output FILE] [--force]

Finds cameras, Redis ($REDIS_URL, else on this machine) and the MQTT broker ($MQTT_URL, else on this machine), and writes
a configuration with comments to start from.

  --output FILE      ./luxcam.yaml if not given
  --force            replaces a file that is there
  --help             this text`;

const options = { output: { type: 'string', default: './luxcam.yaml' }, force: { type: 'boolean' } } as const;

/** Where a server is, and what came of the attempt to reach it. */
interface Place {
  url: string;
  /** In words, what is wrong; undefined if it was reached. */
  problem: string | undefined;
}

/** Writes a configuration. That something was not found is told, and is no failure. */
export async function run(args: string[]): Promise<number> {
  const { output, force } = readArguments(args, options).values;
  const environment = readEnvironment(process.env);
  const { redis, mqtt } = configurationSchema.omit({ cameras: true }).parse({
    redis: environment.REDIS_URL ? { url: environment.REDIS_URL } : {},
    mqtt: environment.MQTT_URL ? { url: environment.MQTT_URL } : {},
  });
  const [cameras, redisProblem, brokerProblem] = await Promise.all([
    findCameras(),
    problemOf(withStore(redis, async () => undefined)),
    problemOf(withBroker(mqtt, async () => undefined)),
  ]);
  const places = {
    redis: { url: redis.url, problem: redisProblem },
    mqtt: { url: mqtt.url, problem: brokerProblem },
  };
  await write(output, configurationText(cameras, places), { force, secret: hasPassword(redis.url, mqtt.url) });
  for (const line of told(cameras, places)) console.log(printable(line));
  console.log(`Wrote ${output}. Now: luxcam check --config ${output}`);
  return 0;
}

async function problemOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function told(cameras: readonly FoundCamera[], { redis, mqtt }: Record<'redis' | 'mqtt', Place>): string[] {
  return [
    cameras.length === 0
      ? 'Camera: none found, so a simulated one is in the file (see docs/raspberry-pi.md).'
      : `Camera: ${cameras.map(({ about, source }) => `${about} ${source}`).join('; ')}`,
    `Redis:  ${redis.problem ?? 'found'}`,
    `Broker: ${mqtt.problem ?? 'found'}`,
  ];
}

function configurationText(cameras: readonly FoundCamera[], { redis, mqtt }: Record<'redis' | 'mqtt', Place>): string {
  const shown =
    cameras.length > 0 ? cameras : [{ source: '{ type: simulated }', about: 'none was found: this one is painted' }];
  const blocks = shown.map(
    ({ source, about }, at) => `  ${at === 0 ? 'front' : `camera${at + 1}`}:   # rename it: a-z, 0-9, _ and -
    source: ${source}   # ${about}
    ttl: 1h                         # how long an image lives: 30s, 5m, 1h, 7d
    timeout: 10s                    # how long one picture may take
    triggers:
      - { type: timer, every: 30s }
      # - { type: button, gpio: 17 }           # between GPIO 17 (pin 11) and ground
      # - { type: pir, gpio: 27, burst: 3 }    # a motion sensor's output on GPIO 27 (pin 13)
`,
  );
  return `# The configuration of luxcam. All settings: docs/configuration.md. Try it with: luxcam check

agent:
  # name: pi1                       # this machine's name if not given
  spool: { path: ./spool, max_size: 512MB }   # where images wait while Redis is away

redis:${redis.problem === undefined ? '' : '   # was not reached'}
  url: ${JSON.stringify(redis.url)}

mqtt:${mqtt.problem === undefined ? '' : '   # was not reached'}
  url: ${JSON.stringify(mqtt.url)}

# What is worth a line in the log, in the camera's state over MQTT and in the gallery: docs/monitoring.md
warnings: { memory: 80%, silent: 3, spool: true }
# metrics: {}                       # for Prometheus, at http://127.0.0.1:9464/metrics

cameras:
${blocks.join('\n')}`;
}

async function write(
  file: string,
  text: string,
  { force, secret }: { force?: boolean; secret: boolean },
): Promise<void> {
  const mode = secret ? 0o600 : 0o644;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? 'w' : 'wx', mode });
    await chmod(file, mode);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new Error(`${file} is there already: --force replaces it, --output names another file.`, { cause: error });
    throw new Error(`${file} can't be written: ${messageOf(error)}`, { cause: error });
  }
}

function hasPassword(...urls: string[]): boolean {
  return urls.some((url) => new URL(url).password !== '');
}
