import pino from 'pino';
import { messageOf } from '../../core/luxcam-error';
import { Agent } from '../agent';
import { Systemd } from '../systemd';
import { readArguments, stopSignal } from './command';
import { configurationOption, configurationUsage, readConfiguration } from './configuration';

export const usage = `Usage: luxcam agent [--config FILE]

Runs the cameras of the configuration: on a trigger it takes a picture, stores it in Redis and announces it over MQTT.

${configurationUsage}`;

/** Runs the agent until a signal asks it to stop; a second signal ends the process at once. */
export async function run(args: string[]): Promise<number> {
  const { values } = readArguments(args, configurationOption);
  const log = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const configuration = readConfiguration(values.config);
  let agent = new Agent(configuration, log);
  const systemd = new Systemd(process.env, () => agent.alive, log);
  await agent.start();
  systemd.start();
  const signalled = stopSignal();
  let signal = await Promise.race([signalled, agent.displaced]);
  while (signal === undefined) {
    // Two agents of one name: this one waits from here on, as if it had been started second.
    await stop(agent);
    agent = new Agent(configuration, log);
    await agent.start();
    signal = await Promise.race([signalled, agent.displaced]);
  }
  log.info({ signal }, 'agent stops');
  const told = systemd.stop();
  await stop(agent);
  await told;
  // A camera's library may hold on to the process for a while.
  process.exit(0);
}

async function stop(agent: Agent): Promise<void> {
  try {
    await agent.stop();
  } catch (error) {
    throw new Error(`The agent did not stop cleanly: ${messageOf(error)}`, { cause: error });
  }
}
