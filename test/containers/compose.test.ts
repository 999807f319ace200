import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { createClient } from 'redis';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfiguration } from '../../agent/config';
import { readDockerfile } from '../support/dockerfile';
import { freePort } from '../support/free-port';
import { ServerProcess } from '../support/server-process';

const root = path.join(__dirname, '../..');
const text = readFileSync(path.join(root, 'compose.yaml'), 'utf8');

/** As much of the Compose specification as compose.yaml uses; anything else in it is a mistake. */
const durationSchema = z.string().regex(/^\d+(s|m|h)$/);
const serviceSchema = z
  .strictObject({
    image: z
      .string()
      .regex(/^[a-z0-9-]+(\/[a-z0-9-]+)?:[\w.-]+$/, 'an image has a tag')
      .optional(),
    build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
    user: z.string().optional(),
    init: z.boolean().optional(),
    restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
    environment: z.record(z.string(), z.string()),
    command: z.array(z.string()).optional(),
    ports: z.array(z.string().regex(/^[^:]+(:-[\d.]+})?:\d+:\d+$/)).default([]),
    volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)),
    tmpfs: z.array(z.string().startsWith('/')).optional(),
    healthcheck: z.strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])]).rest(z.string()),
      interval: durationSchema,
      timeout: durationSchema,
      retries: z.number().int(),
      start_period: durationSchema,
    }),
    depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
    cap_drop: z.array(z.string()),
    security_opt: z.array(z.string()),
  })
  .refine(({ image, build }) => (image === undefined) !== (build === undefined), 'a service is pulled or built');
const composeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

/** Puts variables into a value as Compose does. */
function interpolate(value: string, variables: Record<string, string>): string {
  return value.replace(
    /\$(\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (_, whole: string, name: string, kind: string, rest: string) => {
      if (whole === '$') return '$';
      const given = variables[name];
      if (given !== undefined && given !== '') return given;
      if (kind === '-') return rest;
      throw new Error(`${name}: ${rest}`);
    },
  );
}

describe('compose.yaml', () => {
  const { services, volumes } = composeSchema.parse(parse(text));
  const all = Object.entries(services);
  const service = (name: string) => {
    const found = services[name];
    assert.ok(found, `there is no service ${name}`);
    return found;
  };
  const secrets = { LUXCAM_PASSWORD: 'red-secret', REDIS_PASSWORD: 'redis-secret', MQTT_PASSWORD: 'mqtt-secret' };
  let folder: string;
  const running: ServerProcess[] = [];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-compose-'));
  });
  after(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await rm(folder, { recursive: true });
  });

  /** Starts what a service's container would, with other paths and the port in its configuration. */
  const start = async (name: string, moved: Record<string, string>): Promise<ServerProcess> => {
    const { command = [], environment } = service(name);
    const move = (line: string) => Object.entries(moved).reduce((sum, [from, to]) => sum.replaceAll(from, to), line);
    const [program = '', ...words] = command.map((word) => move(interpolate(word, secrets)));
    const given = Object.entries(environment).map(([key, value]) => [key, interpolate(value, secrets)]);
    const PATH = `${process.env.PATH}:/usr/sbin`;
    const server = new ServerProcess(program, words, { PATH, ...Object.fromEntries(given) });
    running.push(server);
    return server;
  };
  const configuration = async (name: string, change: (lines: string) => string) => {
    const file = path.join(folder, name);
    await writeFile(file, change(readFileSync(path.join(root, 'containers', name), 'utf8')));
    return file;
  };

  it('has Redis, a broker, an agent, Node-RED and RedisInsight, and names only what is there', () => {
    assert.deepEqual(Object.keys(services), ['redis', 'mosquitto', 'agent', 'node-red', 'redisinsight']);
    const stages = readDockerfile(path.join(root, 'Dockerfile')).map(({ name }) => name);
    for (const [name, { build, volumes: mounts, depends_on }] of all) {
      if (build) assert.ok(stages.includes(build.target), build.target);
      for (const mount of mounts) {
        const [source = ''] = mount.split(':');
        const there = source.startsWith('./') ? existsSync(path.join(root, source)) : source in volumes;
        assert.ok(there, `${name} mounts ${source}`);
      }
      for (const other of Object.keys(depends_on)) assert.ok(other in services, other);
    }
    const used = all.flatMap(([, { volumes: mounts }]) => mounts.map((mount) => mount.split(':')[0]));
    for (const name of Object.keys(volumes)) assert.ok(used.includes(name), `nobody uses the volume ${name}`);
  });

  it('opens ports to this machine alone, holds no password, and says which are missing', () => {
    for (const [name, { ports }] of all)
      for (const port of ports) assert.match(interpolate(port, {}), /^127\.0\.0\.1:/, name);
    const variables = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    assert.deepEqual(variables, new Set([...Object.keys(secrets), 'LUXCAM_BIND']));
    for (const [name, { environment }] of all)
      for (const [key, value] of Object.entries(environment))
        if (/PASSWORD|AUTH|URL/.test(key))
          assert.throws(() => interpolate(value, {}), /see docs\/containers.md/, `${name} ${key}`);
    assert.match(readFileSync(path.join(root, '.gitignore'), 'utf8'), /^\.env$/m);
  });

  it('gives no service more than it needs', () => {
    for (const [name, { cap_drop, security_opt, user, build, restart }] of all) {
      assert.deepEqual(
        [cap_drop, security_opt, restart],
        [['ALL'], ['no-new-privileges:true'], 'unless-stopped'],
        name,
      );
      assert.notEqual(user, 'root');
      if (name === 'redis' || name === 'mosquitto') assert.ok(user, `${name} would be root`);
      if (build) assert.equal(service(name).init, true, `${name} starts programs that nobody would wait for`);
    }
  });

  it('hands the agent addresses and a configuration that it takes', () => {
    const { environment } = service('agent');
    const settings = parseConfiguration(
      readFileSync(path.join(root, 'containers/luxcam.yaml'), 'utf8'),
      'containers/luxcam.yaml',
      {
        redisUrl: interpolate(environment.REDIS_URL ?? '', secrets),
        mqttUrl: interpolate(environment.MQTT_URL ?? '', secrets),
      },
    );
    assert.equal(settings.redis.url, 'redis://:redis-secret@redis:6379');
    assert.equal(settings.mqtt.url, 'mqtt://luxcam:mqtt-secret@mosquitto:1883');
  });

  it('starts a Redis that takes its configuration, and lets in who knows the password', async () => {
    const port = await freePort();
    const file = await configuration('redis.conf', (lines) =>
      lines.replace('dir /data', `dir ${folder}\nport ${port}`),
    );
    const server = await start('redis', { '/usr/local/etc/redis/redis.conf': file });
    await server.printed(/eady to accept connections/);
    const connect = (password: string) =>
      createClient({
        url: `redis://${password}127.0.0.1:${port}`,
        socket: { reconnectStrategy: false },
        maintNotifications: 'disabled',
      }).on('error', () => undefined);
    const stranger = connect('');
    await assert.rejects(
      stranger.connect().then(() => stranger.ping()),
      /NOAUTH/,
    );
    if (stranger.isOpen) stranger.destroy();
    const client = await connect(':redis-secret@').connect();
    assert.equal((await client.configGet('maxmemory-policy'))['maxmemory-policy'], 'volatile-ttl');
    client.destroy();
    const [, check = ''] = service('redis').healthcheck.test;
    const health = (password: string) =>
      new ServerProcess('sh', ['-c', interpolate(check, secrets).replace('redis-cli', `redis-cli -p ${port}`)], {
        PATH: process.env.PATH,
        REDISCLI_AUTH: password,
      }).ended();
    await health('redis-secret');
    await assert.rejects(health('wrong'));
  });

  it('starts a broker that takes its configuration, and lets in who knows the password', async () => {
    const port = await freePort();
    const file = await configuration('mosquitto.conf', (lines) =>
      lines
        .replace('listener 1883', `listener ${port} 127.0.0.1\nuser root`)
        .replace('/tmp/passwords', `${folder}/passwords`)
        .replace('/mosquitto/data/', `${folder}/`),
    );
    const server = await start('mosquitto', {
      '/tmp/passwords': `${folder}/passwords`,
      '/mosquitto/config/mosquitto.conf': file,
    });
    await server.printed(/running/);
    const open = (user: string) =>
      mqtt.connectAsync(`mqtt://${user}127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0 }, false);
    await assert.rejects(open(''), /authorized/i);
    const client = await open('luxcam:mqtt-secret@');
    const heard = new Promise((resolve) => client.once('message', (topic) => resolve(topic)));
    // What the health check asks for.
    const topic = interpolate(service('mosquitto').healthcheck.test.join(' '), secrets).match(/-t '(\S+)'/)?.[1];
    await client.subscribeAsync(topic ?? '');
    assert.equal(await heard, '$SYS/broker/version');
    await client.endAsync();
  });
});
