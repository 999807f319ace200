import { readFileSync } from 'node:fs';
import { messageOf } from '../../core/luxcam-error';
import {
  type Configuration,
  ConfigurationError,
  configurationSchema,
  parseConfiguration,
  readerConfigurationSchema,
} from '../config';
import { configurationFromEnvironment, describesCamera, findConfigurationFile, readEnvironment } from '../environment';

/** The option that all commands with a configuration have. */
export const configurationOption = { config: { type: 'string' } } as const;

/** Its line in their usage. */
export const configurationUsage = `  --config FILE      the configuration; without it $LUXCAM_CONFIG, ./luxcam.yaml or /etc/luxcam/luxcam.yaml.
                     Without any file the environment is used: REDIS_URL, MQTT_URL (see docs/configuration.md).
  --help             this text`;

/**
 * The configuration of a command that runs cameras: the file's, else that of redis-pi-camera's environment. Throws a
 * ConfigurationError with every mistake.
 */
export function readConfiguration(asked: string | undefined): Configuration {
  const environment = readEnvironment(process.env);
  const file = findConfigurationFile(asked, environment);
  if (file !== undefined) return readFile(file, environment, configurationSchema);
  if (describesCamera(environment)) return configurationFromEnvironment(environment);
  throw new ConfigurationError('The configuration', [
    "there is none: 'luxcam init' writes a luxcam.yaml; or name one with --config",
  ]);
}

/** The same for a command that only needs Redis and the broker: without a file, the environment's or those of this machine. */
export function readReaderConfiguration(asked: string | undefined): Configuration {
  const environment = readEnvironment(process.env);
  const file = findConfigurationFile(asked, environment);
  if (file !== undefined) return readFile(file, environment, readerConfigurationSchema);
  if (describesCamera(environment)) return configurationFromEnvironment(environment);
  return parseConfiguration('{}', 'The environment', addresses(environment), readerConfigurationSchema);
}

type Environment = ReturnType<typeof readEnvironment>;

function readFile(file: string, environment: Environment, schema: typeof readerConfigurationSchema): Configuration {
  return parseConfiguration(textOf(file), file, addresses(environment), schema);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(file, [`it can't be read: ${messageOf(error)}`]);
  }
}

function addresses({ REDIS_URL, MQTT_URL }: Environment) {
  return { redisUrl: REDIS_URL, mqttUrl: MQTT_URL };
}
