import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../core/messages';

const root = path.join(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const packageSchema = z.looseObject({
  name: z.string(),
  license: z.string(),
  keywords: z.array(z.string()),
  repository: z.looseObject({ url: z.string() }),
  bugs: z.looseObject({ url: z.string() }),
  engines: z.object({ node: z.string() }),
  files: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()),
  'node-red': z.object({ version: z.string(), nodes: z.record(z.string(), z.string()) }),
  'node-red-dashboard-2': z.object({ widgets: z.record(z.string(), z.object({ output: z.string() })) }),
});
const textsSchema = z.record(z.string(), z.unknown());

// What flows.nodered.org scores a package by. It reads the files as text, without running them.
describe('the palette package', () => {
  const manifest = parseJson(packageSchema, read('package.json'));
  const nodes = Object.entries(manifest['node-red'].nodes).map(([type, file]) => {
    const source = file.replace(/^dist\//, '').replace(/\.js$/, '');
    const name = path.basename(source);
    return { type, name, html: read(`${source}.html`), code: read(`${source}.ts`), folder: path.dirname(source) };
  });

  it('has a scope, a licence, a repository, a place for issues, and the keyword', () => {
    assert.match(manifest.name, /^@[\w-]+\/[\w-]+$/);
    assert.ok(manifest.license.length > 0 && existsSync(path.join(root, 'LICENSE')));
    assert.match(manifest.repository.url, /^git\+https:/);
    assert.match(manifest.bugs.url, /^https:/);
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('accepts every Node that the Node-REDs it is made for run on', () => {
    // Open upwards, so that the newest Node-RED's own minimum fits, too.
    const lowestNode = /^>=(\d+)\.\d+\.\d+$/.exec(manifest.engines.node)?.[1];
    assert.ok(Number(lowestNode) <= 20);
    const lowestNodeRed = /^>=(\d+)\.\d+\.\d+$/.exec(manifest['node-red'].version)?.[1];
    assert.equal(Number(lowestNodeRed), 4);
  });

  it('has at most six dependencies', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
  });

  it('is found by Dashboard 2, which looks at names', () => {
    assert.match(manifest.name, /node-red-dashboard-2-/);
    const types = nodes.map(({ type }) => type);
    assert.ok(Object.keys(manifest['node-red-dashboard-2'].widgets).every((type) => types.includes(type)));
  });

  it('registers each type once, under a literal name, and no name that Node-RED or Dashboard 2 has', () => {
    const types = nodes.map(({ type }) => type);
    assert.equal(new Set(types).size, types.length);
    for (const { type, code, html } of nodes) {
      assert.match(type, /^(luxcam|redis-image)-/);
      assert.match(html, new RegExp(`RED\\.nodes\\.registerType\\('${type}', \\{`));
      assert.match(code, new RegExp(`RED\\.nodes\\.registerType(<[^>]+>)?\\('${type}'`));
    }
  });

  it('has literal categories, and defaults that stand where they are used', () => {
    for (const { type, html } of nodes) {
      assert.match(html, /category: '(luxcam|config)',/, type);
      assert.match(html, /defaults: \{\n/, type);
    }
  });

  it('gives every node an icon, a help text with all its parts, and texts for all that it names', () => {
    for (const { type, name, html, folder } of nodes) {
      const help = read(`${folder}/locales/en-US/${name}.html`);
      assert.ok(help.includes(`data-help-name="${type}"`), type);
      const config = html.includes("category: 'config'");
      const parts = ['Details', 'Example', 'References', ...(config ? [] : ['Inputs', 'Outputs'])];
      for (const part of parts) assert.ok(help.includes(`<h3>${part}</h3>`), `${type}: ${part}`);
      const icon = /icon: '([\w-]+\.svg)'/.exec(html)?.[1];
      if (!config) assert.ok(icon && existsSync(path.join(root, folder, 'icons', icon)), type);

      const texts = parseJson(textsSchema, read(`${folder}/locales/en-US/${name}.json`));
      const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.ts'));
      const sources = [html, ...files.map((file) => read(`${folder}/${file}`))].join('\n');
      const named = [
        ...sources.matchAll(/data-i18n="(?:\[\w+\])?([\w.]+)"/g),
        ...sources.matchAll(/(?:this\._|RED\._|translate)\('([\w.]+)'/g),
      ].map((match) => match[1] ?? '');
      assert.ok(named.length > 5, type);
      for (const key of named) assert.equal(typeof textOf(texts, key), 'string', `${type}: ${key}`);
    }
  });

  it('tells the editor in words what is wrong with a setting, as it wants it: from two parameters', () => {
    for (const { type, html } of nodes) {
      const validators = [...html.matchAll(/validate\(([^)]*)\) \{/g)].map(([, parameters = '']) => parameters);
      assert.ok(validators.length > 0 && validators.every((one) => one.split(',').length === 2), type);
    }
  });

  it('shows no words but those of the texts, which others can translate', () => {
    for (const { type, html } of nodes) {
      const [form = '', ...scripts] = html.split('<script type="text/javascript">');
      const shown = [...form.matchAll(/>([^<]*)</g)].map(([, text = '']) => text.trim());
      assert.deepEqual(
        shown.filter((text) => text !== ''),
        [],
        type,
      );
      const phrases = scripts.join().match(/(?<!\.on\()(['"`])(?!fa fa-)(?:[A-Za-z]+ )+[a-z$][^'"`]*\1/g);
      assert.deepEqual(phrases, null, type);
    }
    const texts = parseJson(textsSchema, read('nodes/redis-image-store/locales/en-US/redis-image-store.json'));
    const shared = [...read('nodes/luxcam-editor.js').matchAll(/'((?:error|label)\.\w+)'/g)].map(([, key = '']) => key);
    assert.ok(shared.length > 5);
    for (const key of shared) assert.equal(typeof textOf(texts, key), 'string', key);
  });

  it('shows every node but the config nodes in an example', () => {
    const examples = readdirSync(path.join(root, 'examples')).filter((file) => file.endsWith('.json'));
    const shown = examples.flatMap((file) =>
      [...read(`examples/${file}`).matchAll(/"type": "([\w-]+)"/g)].map(([, type]) => type),
    );
    for (const { type } of nodes) assert.ok(shown.includes(type), type);
    // A flow with types that are not there does not start: who lacks Dashboard 2 must see that before.
    for (const file of examples) {
      if (read(`examples/${file}`).includes('"ui-')) assert.match(file, /dashboard[- ]2/i);
    }
    assert.ok(manifest.files.includes('examples'));
  });
});

function textOf(texts: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((found, part) => Object.entries(Object(found)).find(([name]) => name === part)?.[1], texts);
}
