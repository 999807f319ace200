// Fetches a stock kernel of Debian for the virtual machine of the hardware test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensurePrograms, fail } from './set-up.mjs';

/** The part of Debian whose kernel brings as modules what is needed here. */
const suite = 'trixie-backports';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches the newest kernel and unpacks `vmlinuz` and the named modules into `<folder>/kernel`. It has an apt
 * configuration of its own, so that this system's packages and lists stay as they are.
 */
export function fetchKernel(folder, modules) {
  ensurePrograms(['xz']);
  console.log('Fetching a kernel with simulated GPIO lines (once, 170 MB) ...');
  const work = path.join(folder, 'fetching');
  const unpacked = path.join(work, 'kernel');
  rmSync(work, { recursive: true, force: true });
  for (const name of ['lists/partial', 'archives/partial', 'kernel'])
    mkdirSync(path.join(work, name), { recursive: true });
  const apt = { cwd: work, env: { ...process.env, APT_CONFIG: aptConfiguration(work) } };
  execute('apt-get', ['update', '-qq'], apt);
  const found = execute('apt-cache', ['search', '--names-only', '^linux-binary-[0-9.]+\\+deb[0-9]+-amd64$'], apt);
  const versions = [...found.matchAll(/^linux-binary-(\S+)/gm)].map(([, version]) => version);
  const newest = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) fail(`Debian's ${suite} offers no kernel linux-binary-*, so the hardware test can't run.`);
  execute('apt-get', ['download', '-qq', `linux-binary-${newest}`, `linux-modules-${newest}`], apt);
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    const wanted = file.startsWith('linux-binary') ? ['*/vmlinuz'] : modules.map((name) => `*/${name}.ko.xz`);
    const unpack =
      'package=$1; shift; dpkg-deb --fsys-tarfile "$package" | tar -x --wildcards --transform "s,.*/,," "$@"';
    execute('sh', ['-c', unpack, 'sh', path.join(work, file), ...wanted], { cwd: unpacked });
  }
  execute('xz', ['-d', ...modules.map((name) => `${name}.ko.xz`)], { cwd: unpacked });
  // Moved last: where this folder stands, all that is needed stands in it.
  renameSync(unpacked, path.join(folder, 'kernel'));
  rmSync(work, { recursive: true });
}

/** Writes an apt configuration that knows one suite of the Debian mirror that this system uses already. */
function aptConfiguration(work) {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  const sources = [...files, '/etc/apt/sources.list'].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  );
  const text = sources.map((file) => readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '')).join('\n');
  const mirror = text.match(/[a-z+]+:\/\/\S+\/debian\/?(?=\s|$)/)?.[0];
  if (mirror === undefined || !existsSync(keyring))
    fail("The hardware test fetches a kernel from Debian, but this system's package sources name no Debian mirror.");
  writeFileSync(path.join(work, 'sources.list'), `deb [arch=amd64 signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const configuration = path.join(work, 'apt.conf');
  const settings = {
    'Dir::Etc::SourceList': path.join(work, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': path.join(work, 'lists'),
    'Dir::Cache': work,
    'Acquire::Languages': 'none',
    // The user _apt of a root's apt may not be allowed to write here.
    'APT::Sandbox::User': '',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(configuration, lines.join(''));
  return configuration;
}

/** Runs a program and returns what it printed; ends the process with what it said if it fails. */
export function execute(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (result.status === 0) return result.stdout;
  fail(`${[command, ...args].join(' ')} failed: ${result.error?.message ?? result.stderr}`);
}
