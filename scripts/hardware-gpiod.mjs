// Fetches gpiomon, gpioget and gpiodetect of version 2, which Debian has since 13, for the hardware test.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unpackFiles, unpackPackages } from './hardware-packages.mjs';

const suite = 'trixie';
const loader = 'ld-linux-x86-64.so.2';
const programs = ['gpiomon', 'gpioget', 'gpiodetect'];

/** What to take of each package. The programs bring their C library, for this system's may be older. */
const wanted = {
  gpiod: programs.map((name) => `*/bin/${name}`),
  libgpiod3: ['*/libgpiod.so.3*'],
  libc6: [`*/x86_64-linux-gnu/${loader}`, '*/libc.so.6'],
};

/** Unpacks them into `<folder>/gpiod/lib`, and puts scripts that run them into `<folder>/gpiod/bin`. */
export function fetchGpiod(folder) {
  console.log('Fetching gpiomon 2 (once, 3 MB) ...');
  unpackPackages(folder, 'gpiod', suite, {
    choose: () => Object.keys(wanted),
    unpack: (name, file, target) => {
      const [lib, bin] = ['lib', 'bin'].map((part) => path.join(target, part));
      mkdirSync(lib, { recursive: true });
      mkdirSync(bin, { recursive: true });
      unpackFiles(file, wanted[name], lib);
      if (name !== 'gpiod') return;
      for (const program of programs) {
        const script = `#!/bin/sh
lib=$(dirname "$0")/../lib
exec "$lib/${loader}" --library-path "$lib" "$lib/${program}" "$@"
`;
        writeFileSync(path.join(bin, program), script);
        chmodSync(path.join(bin, program), 0o755);
      }
    },
  });
}
