import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Announcement, announcementSchema, parseJson } from '../../core/messages';
import { layOut, programOf, readCopy, readDockerfile, type Stage } from '../support/dockerfile';
import { freePort } from '../support/free-port';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { TestRedis } from '../support/redis-server';
import { ServerProcess } from '../support/server-process';

const root = path.join(__dirname, '../..');
const lockSchema = z.object({
  packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional(), version: z.string().optional() })),
});

describe('the Dockerfile', () => {
  const stages = readDockerfile(path.join(root, 'Dockerfile'));
  const lock = parseJson(lockSchema, readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  const running: ServerProcess[] = [];
  let folder: string;

  const stage = (name: string): Stage => {
    const found = stages.find((each) => each.name === name);
    assert.ok(found, `there is no stage ${name}`);
    return found;
  };
  /** Runs what a container of a stage would, with its paths moved into the folder that stands for it. */
  const run = (name: string, environment: Record<string, string>) => {
    const place = path.join(folder, name);
    const [, ...words] = programOf(stage(name)).map((word) =>
      /^\/(?!luxcam$)/.test(word) ? path.join(place, word) : word,
    );
    const { PATH } = process.env;
    const env = { PATH, NODE_PATH: path.join(place, 'node-red/node_modules'), ...environment };
    const child = new ServerProcess('env', ['-C', path.join(place, 'luxcam'), process.execPath, ...words], env);
    running.push(child);
    return child;
  };

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-containers-'));
    await Promise.all([redis.start(), mosquitto.start()]);
    layOut(stages, { context: root, folder, replaced });
  });
  after(async () => {
    await Promise.all(running.map((child) => child.stop()));
    await Promise.all([redis.stop(), mosquitto.stop()]);
    await rm(folder, { recursive: true });
  });

  /** What would be fetched or built anew is here already: the packages, those for development left out, and dist. */
  function replaced(command: string, place: string): boolean {
    if (command === 'node scripts/build.mjs')
      for (const name of ['dist', 'resources'])
        cpSync(path.join(root, name), path.join(place, name), { recursive: true });
    if (command === 'npm ci --omit=dev')
      // A package within a package is copied with it.
      for (const [name, { dev }] of Object.entries(lock.packages))
        if (/^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) && !dev && existsSync(path.join(root, name)))
          cpSync(path.join(root, name), path.join(place, name), { recursive: true });
    if (command.startsWith('npm install'))
      symlinkSync(path.join(root, 'node_modules'), path.join(place, 'node_modules'));
    return /^(npm|node|install -d) /.test(command);
  }

  it('copies only what is there, and passes on only what a stage before has', () => {
    for (const [at, { instructions }] of stages.entries())
      for (const { name, text } of instructions) {
        if (name !== 'COPY') continue;
        const { from, sources } = readCopy(text);
        if (from !== undefined)
          assert.ok(
            stages.slice(0, at).some((before) => before.name === from),
            text,
          );
        else for (const source of sources) assert.ok(existsSync(path.join(root, source)), `${source} is not there`);
      }
  });

  it('lets through .dockerignore what it copies, and neither secrets nor what was built here', () => {
    const lines = readFileSync(path.join(root, '.dockerignore'), 'utf8').trim().split('\n');
    assert.equal(lines[0], '*');
    const let_through = lines.slice(1).map((line) => line.replace(/^!/, ''));
    for (const { name, text } of stages.flatMap(({ instructions }) => instructions)) {
      if (name !== 'COPY' || readCopy(text).from !== undefined) continue;
      for (const source of readCopy(text).sources)
        assert.ok(
          let_through.some((entry) => source === entry || source.startsWith(`${entry}/`)),
          source,
        );
    }
    for (const name of ['.env', 'node_modules', 'dist', '.git']) assert.ok(!let_through.includes(name), name);
  });

  it('installs the Node-RED that the tests run with, and lets nobody be root', () => {
    for (const name of ['node-red', '@flowfuse/node-red-dashboard']) {
      const version = lock.packages[`node_modules/${name}`]?.version;
      const installs = stage('node-red-packages').instructions.some(({ text }) => text.includes(`${name}@${version}`));
      assert.ok(installs, `${name} is ${version} in package-lock.json`);
    }
    for (const name of ['agent', 'node-red'])
      assert.equal(stage(name).instructions.findLast((each) => each.name === 'USER')?.text, 'node');
  });

  it('makes an agent that runs with the packages that are not for development', async () => {
    const place = path.join(folder, 'agent');
    await mkdir(path.join(place, 'etc/luxcam'), { recursive: true });
    const settings = readFileSync(path.join(root, 'containers/luxcam.yaml'), 'utf8');
    const file = path.join(place, 'etc/luxcam/luxcam.yaml');
    await writeFile(file, settings.replace('/var/lib/luxcam', path.join(place, 'var/lib/luxcam')));
    const listener = await new MqttListener().start(mosquitto.url, 'luxcam/garden/event');
    const agent = run('agent', { REDIS_URL: redis.url, MQTT_URL: mosquitto.url });
    const { payload } = await Promise.race([
      listener.message(() => true),
      agent.printed(/never printed/).then(() => assert.fail('it has ended')),
    ]);
    const said: Announcement = parseJson(announcementSchema, `${payload}`);
    assert.equal(said.event, 'captured', `${payload}`);
    assert.ok('agent' in said && said.agent === 'container');
    await listener.stop();
  });

  it('makes a Node-RED with the nodes, the dashboard and the flow, behind a password', async () => {
    const port = await freePort();
    const nodeRed = run('node-red', {
      LUXCAM_PORT: `${port}`,
      LUXCAM_PASSWORD: 'secret',
      LUXCAM_REDIS_URL: redis.url,
      LUXCAM_MQTT_HOST: '127.0.0.1',
      LUXCAM_MQTT_PORT: `${mosquitto.port}`,
      LUXCAM_MQTT_USER: 'luxcam',
      LUXCAM_MQTT_PASSWORD: 'secret',
    });
    await nodeRed.printed(/Started flows/);
    await nodeRed.printed(/Connected to broker/);
    const url = `http://127.0.0.1:${port}/`;
    assert.equal((await fetch(`${url}luxcam/`)).status, 401);
    const authorization = `Basic ${Buffer.from('luxcam:secret').toString('base64')}`;
    const status = async (page: string) => (await fetch(url + page, { headers: { authorization } })).status;
    // Until it has reached Redis, which it tells nobody else.
    while ((await status('luxcam/health')) === 503);
    for (const page of ['luxcam/health', 'luxcam/', 'dashboard/luxcam']) assert.equal(await status(page), 200, page);
    assert.ok(!/missing types|Error/.test(nodeRed.output), nodeRed.output);
  });
});
