// Builds everything into dist/ and resources/: the code, the gallery's page and widget, and what the nodes' code needs
// beside it. `ensureBuild` does so only where a source file is newer than what was built.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { root, run } from './set-up.mjs';

/** What the built output is made of. */
const sources = [
  'core',
  'agent',
  'nodes',
  'gallery',
  'scripts/build.mjs',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** Written last, so that a build that was interrupted does not pass for one. */
const marker = path.join(root, 'dist', '.built');
const widget = path.join(root, 'resources', 'luxcam-gallery.umd.js');

/** Builds, from nothing. Ends the process if a step fails. */
export function build() {
  const began = new Date();
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const program = (name, ...args) =>
    run(process.execPath, [path.join(root, 'node_modules', name), ...args], 'The messages above say where.');
  program('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  for (const mode of ['page', 'widget'])
    program('vite/bin/vite.js', 'build', '--config', 'gallery/vite.config.mjs', '--mode', mode);
  compressPage();
  copyNodeFiles();
  writeFileSync(marker, '');
  // What is changed while the build runs is newer than it.
  utimesSync(marker, began, began);
}

/** Builds if a source file was changed since the last build, or there was none. */
export function ensureBuild() {
  if (existsSync(marker) && existsSync(widget)) {
    const built = statSync(marker).mtimeMs;
    if (sources.every((name) => newest(path.join(root, name)) <= built)) return;
  }
  console.log('Building ...');
  build();
}

/** Puts compressed files beside the page's texts: done once here, it costs a Pi nothing when they are asked for. */
function compressPage() {
  const folder = path.join(root, 'dist', 'gallery', 'page');
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const file = path.join(folder, name);
    const plain = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(plain));
    writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
  }
}

/** Node-RED looks for a node's editor page, icons and texts beside its code, and for what pages load in `resources`. */
function copyNodeFiles() {
  cpSync(path.join(root, 'nodes', 'luxcam-editor.js'), path.join(root, 'resources', 'luxcam-editor.js'));
  const filter = (file) => !file.endsWith('.ts');
  cpSync(path.join(root, 'nodes'), path.join(root, 'dist', 'nodes'), { recursive: true, filter });
}

/** When a file, or the newest thing in a folder (the folder itself too, which changes when a file goes), was changed. */
function newest(file) {
  if (!existsSync(file)) return 0;
  const stat = statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => newest(path.join(file, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
