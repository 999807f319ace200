#!/usr/bin/env node
import { messageOf } from '../core/luxcam-error';
import { type Command, UsageError } from './commands/command';

const usage = `Usage: luxcam COMMAND [OPTIONS]

  agent            runs the cameras: takes pictures, stores them in Redis, announces them over MQTT
  init             finds camera, Redis and broker, and writes a luxcam.yaml
  check            tries everything that the configuration names, and says what to do about what is wrong
  capture CAMERA   asks a running agent for a picture
  list             lists the images in Redis
  get ID           writes an image to a file
  gallery          serves the gallery's page
  adopt            copies the images of redis-pi-camera and edge-video to luxcam's
  service          lets systemd run the agent

'luxcam COMMAND --help' tells more.`;

// Each is loaded only when it is asked for: an agent on a small Pi has no use for the gallery's web server. An import at
// run time names the file as Node does, with its ending.
const commands: Record<string, () => Promise<Command>> = {
  agent: () => import('./commands/agent.js'),
  capture: () => import('./commands/capture.js'),
  list: () => import('./commands/list.js'),
  init: () => import('./commands/init.js'),
  check: () => import('./commands/check.js'),
  get: () => import('./commands/get.js'),
  gallery: () => import('./commands/gallery.js'),
  adopt: () => import('./commands/adopt.js'),
  service: () => import('./commands/service.js'),
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined) return misused('No command is given.', usage);
  if (name === '--help' || name === '-h' || name === 'help') return say(usage);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) return misused(`There is no command '${name}'.`, usage);
  const command = await load();
  if (args.includes('--help') || args.includes('-h')) return say(command.usage);
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) return misused(`luxcam ${name}: ${error.message}.`, command.usage);
    throw error;
  }
}

function say(text: string): number {
  console.log(text);
  return 0;
}

function misused(problem: string, help: string): number {
  console.error(`${problem}\n\n${help}`);
  return 2;
}

// Whoever reads our output may have seen enough, as `luxcam list | head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  },
);
