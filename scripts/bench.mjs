// `npm run bench`: makes the machine ready, builds, and measures what luxcam costs (docs/performance.md).
//   npm run bench                 everything, in about a minute
//   npm run bench -- put get      some of it: put, get, http, list, search, adopt, live, capture
//   npm run bench -- search 1000000   among a million images
//   npm run bench -- live 60      live frames with readers for a minute each
//   npm run bench -- frames 390  how long the gallery's frames take with 100,000 images, in Chromium (390, 820, 1920)
//   npm run bench -- sizes        what docs/growing.md reckons with
//   npm run endurance             kills everything, leaves Redis away, fills it, and counts what was lost
import { spawnSync } from 'node:child_process';
import { ensurePackages, ensurePrograms, root } from './set-up.mjs';

ensurePackages();
ensurePrograms(['redis-server', 'mosquitto']);
const { ensureBuild } = await import('./build.mjs');
ensureBuild();

const [asked, ...rest] = process.argv.slice(2);
const program = asked === 'endurance' ? ['bench/endurance.ts', ...rest] : ['bench/bench.ts', ...process.argv.slice(2)];
const args = ['--require', 'tsx/cjs', ...program];
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1);
