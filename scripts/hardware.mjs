// Gets ready what the hardware test needs: a kernel that can simulate GPIO lines, the files it starts with, and epoll.
// Plain Node, because it is a part of the set-up. All of it lies in .cache/hardware; delete that to begin anew.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchGpiod } from './hardware-gpiod.mjs';
import { fetchKernel } from './hardware-kernel.mjs';
import { execute } from './hardware-packages.mjs';
import { cacheFolder, ensurePrograms, fail, findProgram, root, run } from './set-up.mjs';

/** In the order in which they are loaded. */
const modules = {
  /** Simulated GPIO lines, and this machine's files over virtio. */
  lines: ['configfs', 'gpio-sim', 'netfs', '9pnet', '9pnet_virtio', '9p'],
  /** A virtual camera; only a machine that needs one loads it, because it takes ten seconds. */
  camera: [
    ...['mc', 'videodev', 'videobuf2-common', 'videobuf2-v4l2', 'videobuf2-memops', 'videobuf2-vmalloc'],
    ...['videobuf2-dma-contig', 'v4l2-tpg', 'v4l2-dv-timings', 'rc-core', 'cec', 'vivid'],
  ],
};

/** What test/hardware/guest/init.sh calls of busybox. */
const commands = ['sh', 'mount', 'mkdir', 'echo', 'insmod', 'poweroff', 'sed', 'seq', 'chroot', 'ip', 'grep'];

/** Ensures the programs, the kernel, its first files and onoff's native part. Takes a blink when all of it is there. */
export function prepareHardware() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    fail(`The hardware test boots an x86-64 Linux on one; this machine is ${process.platform} on ${process.arch}.`);
  ensurePrograms(['redis-server', 'mosquitto', 'ffmpeg', 'qemu-system-x86_64', 'xz']);
  const folder = cacheFolder('hardware');
  const names = [...modules.lines, ...modules.camera];
  const fetched = ['vmlinuz', ...names.map((name) => `${name}.ko`)];
  if (!fetched.every((file) => existsSync(path.join(folder, 'kernel', file)))) fetchKernel(folder, names);
  if (!existsSync(path.join(folder, 'gpiod'))) fetchGpiod(folder);
  buildInitialFiles(folder);
  ensureEpoll();
}

/** Packs the files that the kernel starts with: busybox, the modules and init.sh. */
function buildInitialFiles(folder) {
  const init = path.join(root, 'test/hardware/guest/init.sh');
  const kernel = path.join(folder, 'kernel');
  const packed = path.join(folder, 'initrd.gz');
  const marker = path.join(folder, 'initrd.sha256');
  const parts = [init, import.meta.filename, path.join(kernel, 'vmlinuz')];
  const state = parts.reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256')).digest('hex');
  if (existsSync(packed) && existsSync(marker) && readFileSync(marker, 'utf8') === state) return;
  ensurePrograms(['busybox', 'cpio']);
  const busybox = findProgram('busybox');
  // ldd fails for a program that needs no libraries.
  if (spawnSync('ldd', [busybox], { stdio: 'ignore' }).status === 0)
    fail(`${busybox} needs libraries. Please install the package busybox-static and run the command again.`);
  const files = path.join(folder, 'initrd');
  rmSync(files, { recursive: true, force: true });
  for (const name of ['bin', 'dev', 'proc', 'sys', 'host', 'modules/lines', 'modules/camera'])
    mkdirSync(path.join(files, name), { recursive: true });
  copyFileSync(busybox, path.join(files, 'bin/busybox'));
  for (const name of commands) symlinkSync('busybox', path.join(files, 'bin', name));
  for (const [part, names] of Object.entries(modules))
    for (const [index, name] of names.entries()) {
      const place = path.join(files, 'modules', part, `${`${index}`.padStart(2, '0')}-${name}.ko`);
      copyFileSync(path.join(kernel, `${name}.ko`), place);
    }
  copyFileSync(init, path.join(files, 'init'));
  chmodSync(path.join(files, 'init'), 0o755);
  const names = Buffer.from(readdirSync(files, { recursive: true }).join('\n'));
  const archive = execute('cpio', ['-o', '-H', 'newc', '--quiet'], { cwd: files, input: names, encoding: 'buffer' });
  writeFileSync(packed, gzipSync(archive, { level: 1 }));
  writeFileSync(marker, state);
  rmSync(files, { recursive: true });
}

/** Builds epoll, onoff's native part, where npm has not: its install scripts may be switched off. */
function ensureEpoll() {
  const loads = () =>
    spawnSync(process.execPath, ['-e', "require('epoll')"], { cwd: root, stdio: 'ignore' }).status === 0;
  if (loads()) return;
  ensurePrograms(['g++', 'make', 'python3']);
  console.log('Building epoll ...');
  const advice = 'onoff needs it to watch GPIO lines.';
  // Where epoll could not be built, npm has left it and onoff out altogether.
  const isThere = existsSync(path.join(root, 'node_modules/epoll'));
  run('npm', isThere ? ['rebuild', 'epoll'] : ['install', '--no-save'], advice);
  if (!loads()) fail(`npm has run, but epoll can't be loaded; ${advice} See what 'npm rebuild epoll' says.`);
}
