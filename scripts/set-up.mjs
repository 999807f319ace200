// Makes a fresh clone ready: npm's packages, then the system programs that a command needs.
// Plain Node without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

/** The system programs luxcam can need: the command, its Debian package, and what it is for. A library has a file instead. */
const programs = {
  'redis-server': { package: 'redis-server', why: 'keeps the images' },
  mosquitto: { package: 'mosquitto', why: 'the MQTT broker that carries the announcements' },
  ffmpeg: { package: 'ffmpeg', why: 'reads USB and network cameras and video files' },
  chromium: { package: 'chromium', why: 'the browser in which the gallery and the dashboard are tested' },
  openssl: { package: 'openssl', why: 'makes the certificates of the tests' },
  'systemd-analyze': { package: 'systemd', why: 'checks the unit of the service' },
  'qemu-system-x86_64': { package: 'qemu-system-x86', why: 'boots a kernel with simulated GPIO lines' },
  busybox: { package: 'busybox-static', why: 'the first program of that kernel' },
  cpio: { package: 'cpio', why: "packs that kernel's initial files" },
  xz: { package: 'xz-utils', why: "unpacks that kernel's modules" },
  'g++': { package: 'g++', why: 'builds epoll, through which onoff waits for GPIO lines' },
  make: { package: 'make', why: 'builds epoll, through which onoff waits for GPIO lines' },
  'python3-redis': {
    package: 'python3-redis',
    file: '/usr/lib/python3/dist-packages/redis/__init__.py',
    why: 'the Redis client of the examples in Python',
  },
  python3: { package: 'python3', why: 'builds epoll, through which onoff waits for GPIO lines' },
};

/** The full path of a command on PATH (or in /usr/sbin, where Debian keeps mosquitto), or undefined. */
export function findProgram(command) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Installs npm's packages as the lock file has them, unless that has been done already. */
export function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  const marker = path.join(root, 'node_modules', '.luxcam-set-up');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  console.log('Installing npm packages (once; a minute or two) ...');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm could not install the packages. Check the network connection, then run the command again.',
  );
  writeFileSync(marker, lock);
}

/**
 * Installs the missing ones of the named system programs with apt, as root or through sudo.
 * Where that is impossible it ends the process with the exact command to type.
 */
export function ensurePrograms(names) {
  const isMissing = (name) =>
    programs[name].file ? !existsSync(programs[name].file) : findProgram(name) === undefined;
  const missing = names.filter(isMissing);
  if (missing.length === 0) return;
  for (const name of missing) console.log(`Missing: ${name} (${programs[name].why})`);
  const packages = [...new Set(missing.map((name) => programs[name].package))];
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const byHand = `Please install ${packages.join(', ')} yourself, for example with\n\n    sudo ${install.join(' ')}\n\nand run the command again.`;
  if (findProgram('apt-get') === undefined) fail(`There is no apt-get on this machine. ${byHand}`);
  const prefix = administratorPrefix();
  if (prefix === undefined) fail(`You are not root and sudo does not let you in. ${byHand}`);
  console.log(`Installing ${packages.join(', ')} with apt ...`);
  const apt = (args) =>
    spawnSync(prefix[0] ?? args[0], [...prefix.slice(1), ...(prefix.length > 0 ? args : args.slice(1))], {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  // The package lists of a fresh machine are empty or old, so the lists are fetched before the install.
  apt(['apt-get', 'update', '-q']);
  if (!apt(install)) fail(`apt could not install them. ${byHand}`);
  const still = missing.filter(isMissing);
  if (still.length > 0) fail(`apt has run, but ${still.join(', ')} is still not there. ${byHand}`);
}

/** The words to put before a command so that it runs as root, or undefined where that cannot be. */
function administratorPrefix() {
  if (process.getuid?.() === 0) return [];
  if (findProgram('sudo') === undefined) return undefined;
  if (process.stdin.isTTY) return ['sudo'];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/** Runs a command of the set-up in the project's folder and ends the process if it fails. */
export function run(command, args, advice) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status === 0) return;
  fail(`${[command, ...args].join(' ')} failed${result.error ? ` (${result.error.message})` : ''}. ${advice}`);
}

/** Says what is wrong and ends the process. */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** Creates the folder for what is built or fetched once and may be deleted at any time. */
export function cacheFolder(...names) {
  const folder = path.join(root, '.cache', ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
