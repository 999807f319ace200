// The one Vue app, built twice: `--mode page` and `--mode widget`.
import path from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import cssInjectedByJs from 'vite-plugin-css-injected-by-js';

const root = path.join(import.meta.dirname, 'app');
const project = path.resolve(import.meta.dirname, '..');

/** Paths relative to the page, wherever it is mounted; nothing inline, because the page's policy forbids it. */
const page = {
  root,
  base: './',
  plugins: [vue()],
  worker: { format: 'es' },
  build: {
    outDir: path.join(project, 'dist/gallery/page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
};

/** Dashboard 2 finds the widget by the library's name, and brings Vue. */
const widget = {
  root,
  plugins: [
    vue(),
    cssInjectedByJs({
      injectCodeFunction: (css) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      },
    }),
  ],
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  build: {
    outDir: path.join(project, 'resources'),
    emptyOutDir: true,
    target: 'es2022',
    lib: {
      entry: path.join(root, 'widget.ts'),
      name: 'luxcam-gallery',
      formats: ['umd'],
      fileName: () => 'luxcam-gallery.umd.js',
    },
    rolldownOptions: { external: ['vue'], output: { globals: { vue: 'Vue' } } },
  },
};

export default defineConfig(({ mode }) => ({ logLevel: 'warn', ...(mode === 'widget' ? widget : page) }));
