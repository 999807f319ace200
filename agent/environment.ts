import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../core/luxcam-error';
import { type Configuration, ConfigurationError, configurationSchema } from './config';

/** Where a configuration file is looked for, in this order. */
const places = ['./luxcam.yaml', '/etc/luxcam/luxcam.yaml'];

/** The environment that the agent reads: that of redis-pi-camera, and what luxcam adds. */
const environmentSchema = z.object({
  LUXCAM_CONFIG: z.string().optional(),
  REDIS_URL: z.string().optional(),
  MQTT_URL: z.string().optional(),
  IMAGE_EXPIRY: secondsSchema('IMAGE_EXPIRY'),
  IMAGE_CAPTURE_FREQUENCY: secondsSchema('IMAGE_CAPTURE_FREQUENCY'),
  CAMERA_AUTOFOCUS: z.enum(['0', '1'], 'CAMERA_AUTOFOCUS is 0 or 1').optional(),
  SOUND_SENSOR_PIN: z.coerce
    .number('SOUND_SENSOR_PIN is a BCM number, 0 to 53')
    .int()
    .min(0)
    .max(53, 'SOUND_SENSOR_PIN is a BCM number, 0 to 53')
    .optional(),
  SOUND_SENSOR_DEBOUNCE_MILLIS: z.coerce
    .number('SOUND_SENSOR_DEBOUNCE_MILLIS is a number of milliseconds')
    .min(0)
    .optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

/**
 * The environment's settings: of the process, else of a `.env` file in its folder. A secret may stand in a file of its
 * own, whose path is given by `REDIS_URL_FILE` or `MQTT_URL_FILE`. Throws a ConfigurationError that lists every mistake.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, dotenv = './.env'): Environment {
  const fromFile = existsSync(dotenv) ? parseDotenv(readFileSync(dotenv, 'utf8')) : {};
  const all: Record<string, string | undefined> = { ...fromFile, ...environment };
  for (const name of ['REDIS_URL', 'MQTT_URL']) {
    const file = all[`${name}_FILE`];
    if (file !== undefined) all[name] = readSecret(name, file);
  }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ''));
  const result = environmentSchema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigurationError(
    'The environment',
    result.error.issues.map((issue) => issue.message),
  );
}

/** The configuration file to use: the one asked for, else the first that is there; undefined if there is none. */
export function findConfigurationFile(asked: string | undefined, environment: Environment): string | undefined {
  return asked ?? environment.LUXCAM_CONFIG ?? places.find((place) => existsSync(place));
}

/**
 * The configuration that redis-pi-camera's environment stands for: one Pi camera named `default`, every so often or
 * when a sound sensor hears something.
 */
export function configurationFromEnvironment(environment: Environment): Configuration {
  const { IMAGE_EXPIRY, IMAGE_CAPTURE_FREQUENCY, SOUND_SENSOR_PIN, SOUND_SENSOR_DEBOUNCE_MILLIS } = environment;
  const timer = { type: 'timer', every: `${IMAGE_CAPTURE_FREQUENCY}s` };
  const sound = {
    type: 'gpio',
    name: 'sound',
    gpio: SOUND_SENSOR_PIN,
    edge: 'rising',
    pull: 'up',
    ...(SOUND_SENSOR_DEBOUNCE_MILLIS !== undefined && { cooldown: `${SOUND_SENSOR_DEBOUNCE_MILLIS}ms` }),
  };
  const result = configurationSchema.safeParse({
    redis: { ...(environment.REDIS_URL && { url: environment.REDIS_URL }) },
    mqtt: { ...(environment.MQTT_URL && { url: environment.MQTT_URL }) },
    cameras: {
      default: {
        source: { type: 'rpicam', autofocus: environment.CAMERA_AUTOFOCUS === '1' },
        ...(IMAGE_EXPIRY !== undefined && { ttl: `${IMAGE_EXPIRY}s` }),
        triggers: [
          ...(IMAGE_CAPTURE_FREQUENCY === undefined ? [] : [timer]),
          ...(SOUND_SENSOR_PIN === undefined ? [] : [sound]),
        ],
      },
    },
  });
  if (result.success) return result.data;
  throw new ConfigurationError(
    'The environment',
    result.error.issues.map((issue) => issue.message),
  );
}

/** Whether the environment describes a camera, so that no file is needed. */
export function describesCamera(environment: Environment): boolean {
  return environment.IMAGE_CAPTURE_FREQUENCY !== undefined || environment.SOUND_SENSOR_PIN !== undefined;
}

function secondsSchema(name: string) {
  return z.coerce.number(`${name} is a number of seconds`).positive(`${name} is a number of seconds`).optional();
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigurationError('The environment', [`${name}_FILE can't be read: ${messageOf(error)}`]);
  }
}

function parseDotenv(text: string): Record<string, string> {
  const pairs = text
    .split('\n')
    .map((line) => line.match(/^\s*(?:export\s+)?([A-Z_]+)\s*=\s*("[^"]*"|'[^']*'|.*?)\s*(?:\s#.*)?$/));
  return Object.fromEntries(
    pairs.flatMap((match) => (match ? [[match[1] ?? '', (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')]] : [])),
  );
}
