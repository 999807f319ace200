import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../core/luxcam-error';
import { findConfigurationFile, readEnvironment } from '../environment';
import { readArguments, UsageError } from './command';
import { configurationOption, readConfiguration } from './configuration';
import { serviceUnit, serviceUser, type UnitPaths } from './service-unit';

export const usage = `Usage: luxcam service install|uninstall|status [OPTIONS]

Lets systemd run the agent: from the start of the machine on, as a user of its own, and again whenever it ends.

  install            makes the user luxcam, writes the unit and starts it (as root)
  uninstall          stops it and removes the unit; configuration, images and user stay (as root)
  status             shows how it is doing

  --print            install: shows the unit and changes nothing
  --root FOLDER      install, uninstall: only writes or removes the files, below this folder, as for a card in a reader
  --config FILE      install: the configuration it runs with; without it $LUXCAM_CONFIG, ./luxcam.yaml or
                     /etc/luxcam/luxcam.yaml
  --help             this text`;

const options = { ...configurationOption, print: { type: 'boolean' }, root: { type: 'string' } } as const;

const unitPlace = 'etc/systemd/system/luxcam.service';
const userPlace = 'etc/sysusers.d/luxcam.conf';

/** Installs, removes or shows the service. */
export async function run(args: string[]): Promise<number> {
  const { values, words } = readArguments(args, options, ['install, uninstall or status']);
  const { print, root } = values;
  switch (words[0]) {
    case 'install': {
      const paths = findPaths(values.config);
      if (print) console.log(serviceUnit(paths).trimEnd());
      else if (root !== undefined) await writeFiles(root, paths);
      else await install(paths);
      return 0;
    }
    case 'uninstall':
      if (root === undefined) await uninstall();
      else await removeFiles(root);
      return 0;
    case 'status':
      return (await runProgram('systemctl', ['status', '--no-pager', '--lines=5', 'luxcam.service'])) === 0 ? 0 : 1;
    default:
      throw new UsageError(`'${words[0]}' is none of install, uninstall, status`);
  }
}

function findPaths(asked: string | undefined): UnitPaths {
  const environment = readEnvironment(process.env);
  const found = findConfigurationFile(asked, environment) ?? '/etc/luxcam/luxcam.yaml';
  return {
    node: process.execPath,
    program: path.resolve(process.argv[1] ?? ''),
    configuration: path.resolve(found),
  };
}

async function install(paths: UnitPaths): Promise<void> {
  for (const file of [paths.configuration, paths.node, paths.program]) checkReadable(file);
  checkRoot();
  readConfiguration(paths.configuration);
  await writeFiles('/', paths);
  await mustRun('systemd-sysusers', [`/${userPlace}`]);
  // It may hold passwords.
  await mustRun('chgrp', ['luxcam', paths.configuration]);
  await chmod(paths.configuration, 0o640);
  await mustRun('systemctl', ['daemon-reload']);
  await mustRun('systemctl', ['enable', 'luxcam.service']);
  await mustRun('systemctl', ['restart', 'luxcam.service']);
  console.log("The agent runs. 'luxcam service status' tells how it is doing, 'journalctl -u luxcam' what it did.");
}

async function uninstall(): Promise<void> {
  checkRoot();
  if (existsSync(`/${unitPlace}`)) await mustRun('systemctl', ['disable', '--now', 'luxcam.service']);
  await removeFiles('/');
  await mustRun('systemctl', ['daemon-reload']);
  console.log('What stays: the configuration in /etc/luxcam, what waits in /var/lib/luxcam, and the user luxcam.');
}

async function writeFiles(root: string, paths: UnitPaths): Promise<void> {
  for (const [place, text] of [
    [userPlace, serviceUser],
    [unitPlace, serviceUnit(paths)],
  ] as const) {
    const file = path.join(root, place);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o644 });
    console.log(`wrote ${file}`);
  }
}

async function removeFiles(root: string): Promise<void> {
  for (const place of [unitPlace, userPlace]) {
    const file = path.join(root, place);
    if (!existsSync(file)) continue;
    await rm(file);
    console.log(`removed ${file}`);
  }
}

function checkRoot(): void {
  if (process.getuid?.() !== 0) throw new Error("Only root may do that: put 'sudo' in front.");
}

/** Home folders are closed to others, also to the service's user. */
function checkReadable(file: string): void {
  if (!existsSync(file)) throw new Error(`There is no ${file}: 'luxcam init --output ${file}' writes a configuration.`);
  if (/^\/(home|root)\//.test(file))
    throw new Error(
      `${file} lies in a home folder, where the service's user luxcam can't read it: put the configuration into ` +
        '/etc/luxcam, and install Node with apt and luxcam with sudo npm install -g.',
    );
}

async function mustRun(program: string, args: string[]): Promise<void> {
  const status = await runProgram(program, args);
  if (status !== 0)
    throw new Error(
      `'${program} ${args.join(' ')}' failed: see above, and 'journalctl -u luxcam -n 20' for what the agent said.`,
    );
}

/** Runs a program that prints to the terminal itself. Returns its exit status. Throws an error in words if it is absent. */
async function runProgram(program: string, args: string[]): Promise<number> {
  try {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const [status] = await once(child, 'close');
    return Number(status ?? 1);
  } catch (error) {
    throw new Error(`${program} can't be run (${messageOf(error)}): this needs a machine with systemd.`, {
      cause: error,
    });
  }
}
