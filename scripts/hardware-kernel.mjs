// Fetches a stock kernel of Debian for the virtual machine of the hardware test.

import { execute, unpackFiles, unpackPackages } from './hardware-packages.mjs';
import { fail } from './set-up.mjs';

/** The part of Debian whose kernel brings as modules what is needed here. */
const suite = 'trixie-backports';

/** Fetches the newest kernel and unpacks `vmlinuz` and the named modules into `<folder>/kernel`. */
export function fetchKernel(folder, modules) {
  console.log('Fetching a kernel with simulated GPIO lines and cameras (once, 170 MB) ...');
  unpackPackages(folder, 'kernel', suite, {
    choose: (search) => {
      const found = search('^linux-binary-[0-9.]+\\+deb[0-9]+-amd64$');
      const versions = [...found.matchAll(/^linux-binary-(\S+)/gm)].map(([, version]) => version);
      const newest = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
      if (newest === undefined)
        fail(`Debian's ${suite} offers no kernel linux-binary-*, so the hardware test can't run.`);
      return [`linux-binary-${newest}`, `linux-modules-${newest}`];
    },
    unpack: (name, file, target) => {
      if (name.startsWith('linux-binary')) return unpackFiles(file, ['*/vmlinuz'], target);
      const names = modules.map((module) => `${module}.ko.xz`);
      unpackFiles(
        file,
        names.map((module) => `*/${module}`),
        target,
      );
      execute('xz', ['-d', ...names], { cwd: target });
    },
  });
}
