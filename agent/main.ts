#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { messageOf } from '../core/luxcam-error';
import { Agent } from './agent';
import { type Configuration, ConfigurationError, parseConfiguration } from './config';
import { configurationFromEnvironment, describesCamera, findConfigurationFile, readEnvironment } from './environment';

const usage = `Usage: luxcam agent [--config FILE]

  Runs the cameras of the configuration: on a trigger it takes a picture, stores it in Redis and announces it over MQTT.

  --config FILE   the configuration; without it $LUXCAM_CONFIG, ./luxcam.yaml or /etc/luxcam/luxcam.yaml.
                  Without any file the environment of redis-pi-camera is used: see docs/configuration.md.
  --help          this text`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(usage);
  if (positionals.join(' ') !== 'agent') return fail(usage, 2);
  await runAgent(readConfiguration(values.config));
}

function readConfiguration(asked: string | undefined): Configuration {
  const environment = readEnvironment(process.env);
  const file = findConfigurationFile(asked, environment);
  if (file !== undefined) {
    const defaults = { redisUrl: environment.REDIS_URL, mqttUrl: environment.MQTT_URL };
    return parseConfiguration(readFileSync(file, 'utf8'), file, defaults);
  }
  if (describesCamera(environment)) return configurationFromEnvironment(environment);
  throw new ConfigurationError('The configuration', [
    'there is none: write a luxcam.yaml (docs/configuration.md has one to start from) or name one with --config',
  ]);
}

async function runAgent(configuration: Configuration): Promise<void> {
  const log = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const agent = new Agent(configuration, log);
  await agent.start();
  const stop = (signal: NodeJS.Signals) => {
    // A second signal finds nobody listening and ends the process at once.
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    log.info({ signal }, 'agent stops');
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`The agent did not stop cleanly: ${messageOf(error)}`, 1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(message: string, status: number): void {
  console.error(message);
  process.exit(status);
}

main().catch((error: unknown) => fail(messageOf(error), 1));
