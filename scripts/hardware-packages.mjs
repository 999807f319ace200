// Downloads packages of another Debian than this machine runs, for the virtual machine of the hardware test.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail } from './set-up.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Makes the folder `<parent>/<name>` out of packages of a Debian suite. `choose` is given apt-cache's search and returns
 * the packages' names; `unpack` is given a package's name and file, and the folder to put things into. It has an apt
 * configuration of its own, so that this system's packages and lists stay as they are.
 */
export function unpackPackages(parent, name, suite, { choose, unpack }) {
  const work = path.join(parent, 'fetching');
  const unpacked = path.join(work, name);
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', name])
    mkdirSync(path.join(work, folder), { recursive: true });
  const apt = { cwd: work, env: { ...process.env, APT_CONFIG: aptConfiguration(work, suite) } };
  execute('apt-get', ['update', '-qq'], apt);
  const search = (pattern) => execute('apt-cache', ['search', '--names-only', pattern], apt);
  const packages = choose(search);
  execute('apt-get', ['download', '-qq', ...packages], apt);
  const files = readdirSync(work).filter((file) => file.endsWith('.deb'));
  for (const each of packages) {
    const file = files.find((deb) => deb.startsWith(`${each}_`));
    unpack(each, path.join(work, file), unpacked);
  }
  // Moved last: where this folder stands, all that is needed stands in it.
  rmSync(path.join(parent, name), { recursive: true, force: true });
  renameSync(unpacked, path.join(parent, name));
  rmSync(work, { recursive: true });
}

/** Puts the files of a package that match these patterns into a folder, without their own folders. */
export function unpackFiles(file, patterns, folder) {
  const command =
    'package=$1; shift; dpkg-deb --fsys-tarfile "$package" | tar -x --wildcards --transform "s,.*/,," "$@"';
  execute('sh', ['-c', command, 'sh', file, ...patterns], { cwd: folder });
}

/** Runs a program and returns what it printed; ends the process with what it said if it fails. */
export function execute(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (result.status === 0) return result.stdout;
  fail(`${[command, ...args].join(' ')} failed: ${result.error?.message ?? result.stderr}`);
}

/** Writes an apt configuration that knows one suite of the Debian mirror that this system uses already. */
function aptConfiguration(work, suite) {
  const folder = '/etc/apt/sources.list.d';
  const files = existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
  const sources = [...files, '/etc/apt/sources.list'].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  );
  const text = sources.map((file) => readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '')).join('\n');
  const mirror = text.match(/[a-z+]+:\/\/\S+\/debian\/?(?=\s|$)/)?.[0];
  if (mirror === undefined || !existsSync(keyring))
    fail("The hardware test fetches packages from Debian, but this system's package sources name no Debian mirror.");
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
