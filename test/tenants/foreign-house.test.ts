import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import type { NodeMessage } from 'node-red';
import { createClient } from 'redis';
import sharp from 'sharp';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { runningLuxcam } from '../support/luxcam-command';
import { MqttListener } from '../support/mqtt-listener';
import { newImage } from '../support/new-image';
import { type CaughtMessage, TestFlow } from '../support/node-red-flow';
import type { ServerProcess } from '../support/server-process';
import { TestTenants } from '../support/tenants';

/** What house 1 has in its pictures, and nobody else may ever hear of. */
const secret = 'the-safe-is-open';

const redisUsers = ['agent', 'flows', 'gallery', 'keeper', 'worker'].map((role) => `house2-${role}`);
const brokerUsers = ['agent', 'flows', 'gallery', 'keeper', 'homeassistant'].map((role) => `house2-${role}`);

describe("the users of docs/tenants.md, at another house's images", () => {
  const tenants = new TestTenants();
  const connections: RedisConnection[] = [];
  /** An image of house 1. */
  let id: string;
  let key: string;

  const storeOf = async (user: string, prefix: string) => {
    const connection = new RedisConnection({ url: tenants.redisUrl(user), prefix });
    connections.push(connection);
    connection.start();
    await connection.ready();
    return new RedisImageStore({ connection, outbox: 'pi1', ownsCameras: true });
  };
  /** All that lies in house 1, to be compared. */
  const contents = async () => {
    const { admin } = tenants;
    const keys = (await admin.keys('house1:*')).sort();
    const dumps = await Promise.all(keys.map(async (name) => `${await admin.dump(name)}`));
    return keys.map((name, at) => [name, dumps[at]]);
  };

  before(async () => {
    await tenants.start();
    const store = await storeOf('house1-agent', 'house1:');
    ({ id, key } = await store.put(newImage({ bytes: Buffer.from(secret), meta: { secret } })));
    const own = await storeOf('house2-agent', 'house2:');
    await own.put(newImage({ camera: 'garden', bytes: Buffer.from('our own picture') }));
  });
  after(async () => {
    await Promise.all(connections.map((connection) => connection.stop()));
    await tenants.stop();
  });

  describe('through Redis', () => {
    const script = (body: string) => ['EVAL', body, '0'];
    /** What is tried, with the image's key in place of IMAGE. */
    const attacks: string[][] = [
      // What tells of all keys, or of all who are there.
      ...['SCAN 0', 'SCAN 0 MATCH house1:*', 'KEYS *', 'RANDOMKEY', 'DBSIZE', 'INFO', 'INFO keyspace', 'MONITOR'],
      ...['CLIENT LIST', 'CLIENT KILL TYPE normal', 'CONFIG GET *', 'CONFIG SET maxmemory 1', 'CONFIG RESETSTAT'],
      ...['ACL LIST', 'ACL GETUSER admin', 'ACL SETUSER house2-flows allkeys +@all', 'ACL WHOAMI', 'ACL USERS'],
      ...['SLOWLOG GET', 'LATENCY LATEST', 'MEMORY STATS', 'COMMAND LIST', 'CLUSTER NODES', 'ROLE', 'LASTSAVE'],
      ...['FLUSHALL', 'FLUSHDB', 'SWAPDB 0 1', 'SELECT 1', 'SHUTDOWN NOSAVE', 'SAVE', 'BGSAVE', 'DEBUG SLEEP 0'],
      ...['REPLICAOF 127.0.0.1 1', 'SYNC', 'PSYNC ? -1', 'MODULE LIST', 'FUNCTION LIST', 'SCRIPT FLUSH'],
      ...['FAILOVER', 'MIGRATE 127.0.0.1 1 IMAGE 0 10', 'WAIT 0 0', 'LOLWUT'],
      // Announcements that Redis itself would make.
      ...['PUBLISH house1:events x', 'SUBSCRIBE house1:events', 'PSUBSCRIBE *', 'PSUBSCRIBE __keyspace@0__:*'],
      ...['PUBSUB CHANNELS', 'SSUBSCRIBE house1:events'],
      // One image, its index, and the feed.
      ...[
        'GET IMAGE',
        'HGETALL IMAGE',
        'HGET IMAGE image_data',
        'HMGET IMAGE image_data meta',
        'HKEYS IMAGE',
        'HLEN IMAGE',
      ],
      ...['HSTRLEN IMAGE image_data', 'HEXISTS IMAGE image_data', 'HSCAN IMAGE 0', 'HRANDFIELD IMAGE', 'EXISTS IMAGE'],
      ...['TYPE IMAGE', 'TTL IMAGE', 'PTTL IMAGE', 'EXPIRETIME IMAGE', 'DUMP IMAGE', 'TOUCH IMAGE', 'STRLEN IMAGE'],
      ...['OBJECT ENCODING IMAGE', 'OBJECT FREQ IMAGE', 'MEMORY USAGE IMAGE', 'DEBUG OBJECT IMAGE'],
      ...['ZRANGE house1:images:front 0 -1', 'ZCARD house1:images:front', 'ZCOUNT house1:images:front -inf +inf'],
      ...[
        'ZRANGEBYSCORE house1:images:front -inf +inf',
        'ZSCORE house1:images:front front:1',
        'ZSCAN house1:images:front 0',
      ],
      ...['ZRANGESTORE house2:mine house1:images:front 0 -1', 'ZUNIONSTORE house2:mine 1 house1:images:front'],
      ...['SMEMBERS house1:cameras', 'SCARD house1:cameras', 'SISMEMBER house1:cameras front'],
      ...['SUNION house2:cameras house1:cameras', 'SUNIONSTORE house2:mine house1:cameras'],
      ...[
        'HGET house1:sequences front',
        'HGETALL house1:sequences',
        'XLEN house1:events',
        'XINFO STREAM house1:events',
      ],
      ...['XRANGE house1:events - +', 'XREVRANGE house1:events + -', 'XREAD STREAMS house1:events 0'],
      ...['XREAD BLOCK 10 STREAMS house2:events house1:events $ 0', 'XREAD STREAMS house1:outbox:pi1 0'],
      ...['XGROUP CREATE house1:events spies 0', 'XREADGROUP GROUP spies me STREAMS house1:events >'],
      ...['XACK house1:events spies 1-1', 'XAUTOCLAIM house1:events spies me 0 0'],
      ...['SORT house2:cameras BY house1:image:*->lux GET house1:image:*->image_data', 'SORT_RO house1:cameras ALPHA'],
      // Changes.
      ...[
        'COPY IMAGE house2:mine',
        'RENAME IMAGE house2:mine',
        'RENAMENX IMAGE house2:mine',
        'MOVE IMAGE 1',
        'RESTORE IMAGE 0 x',
      ],
      ...[
        'DEL IMAGE',
        'UNLINK IMAGE',
        'PERSIST IMAGE',
        'EXPIRE IMAGE 1',
        'PEXPIRE IMAGE 1',
        'SET IMAGE x',
        'GETDEL IMAGE',
        'GETEX IMAGE',
      ],
      ...[
        'HSET IMAGE image_data forged',
        'HSETNX IMAGE forged 1',
        'HDEL IMAGE image_data',
        'HINCRBY house1:sequences front 9',
      ],
      ...[
        'ZADD house1:images:front 1 front:1',
        'ZREM house1:images:front front:1',
        'ZREMRANGEBYRANK house1:images:front 0 -1',
      ],
      ...['SADD house1:cameras forged', 'SREM house1:cameras front', 'XADD house1:events * event {}'],
      ...['XDEL house1:events 1-1', 'XTRIM house1:events MAXLEN 0', 'XADD house1:outbox:pi1 * event {}'],
      // What agents and those who look live write.
      ...['HGETALL house1:agent:pi1', 'HGETALL house1:live', 'HMGET house1:live front', 'EXISTS house1:watched:front'],
      ...['XREAD STREAMS house1:live:front 0', 'SET house1:watched:front 1 PX 5000'],
      // A key whose name only begins as ours, and one without any house.
      ...['HGET house2 x', 'HMGET HOUSE2:x x', 'HMGET image:front:1 image_data', 'HMGET ?ouse1:cameras x'],
    ].map((command) => command.split(' '));
    const scripts = [
      "return redis.call('HGET', 'IMAGE', 'image_data')",
      "return redis.call('EXISTS', 'IMAGE')",
      "return redis.call('HMGET', 'IMAGE', 'image_data')",
      "return redis.call('ZRANGE', 'house1:images:front', 0, -1)",
      "return redis.call('HSET', 'IMAGE', 'image_data', 'forged')",
      "return redis.call('SCAN', '0')",
      "return redis.call('KEYS', '*')",
      "return redis.call('INFO')",
      "return redis.call('RANDOMKEY')",
      "return redis.call('DBSIZE')",
      "return redis.call('ACL', 'LIST')",
      "return redis.call('CONFIG', 'GET', '*')",
      "return redis.call('FLUSHALL')",
      "return redis.call('COPY', 'IMAGE', 'house2:mine')",
      "return os.execute('id')",
      "return io.open('/etc/passwd'):read('*a')",
      'return loadstring(string.dump(function() return 1 end))()',
      "return require('os')",
    ];

    for (const user of redisUsers)
      it(`is refused as ${user}`, async () => {
        const before = await contents();
        const client = createClient({ url: tenants.redisUrl(user), maintNotifications: 'disabled' });
        client.on('error', () => undefined);
        await client.connect();
        const attempt = async (words: string[]) => {
          const named = words.map((word) => word.replaceAll('IMAGE', key));
          return client.sendCommand(named).then(
            (answer) => assert.fail(`${named.join(' ')} was answered: ${JSON.stringify(answer)}`),
            (error: unknown) => {
              assert.ok(!String(error).includes(secret)); // Refused, and not merely misspelt.
              assert.match(
                String(error),
                /NOPERM|The user executing the script can't|not allowed|nonexistent|nil value/,
              );
              return String(error);
            },
          );
        };
        for (const attack of attacks) await attempt(attack);
        for (const each of scripts) await attempt(script(each));
        await attempt(['EVAL', "return redis.call('HGET', KEYS[1], 'image_data')", '1', 'IMAGE']);
        await attempt(['EVALSHA', '0'.repeat(40), '1', 'IMAGE']);
        await attempt(['FCALL', 'f', '1', 'IMAGE']);
        // A transaction in which one command is foreign changes nothing and reads nothing.
        await assert.rejects(client.multi().hmGet('house2:image:x', 'lux').hmGet(key, 'image_data').exec());
        client.destroy();
        assert.deepEqual(await contents(), before);
        assert.deepEqual(await tenants.admin.keys('house2:mine'), []);
      });

    it('is kept from changing even its own images as house2-gallery', async () => {
      const client = await createClient({ url: tenants.redisUrl('house2-gallery'), maintNotifications: 'disabled' })
        .on('error', () => undefined)
        .connect();
      const own = await tenants.admin.keys('house2:image:*');
      for (const words of [
        ...[
          'SET IMAGE x',
          'SET house2:cameras x',
          'HSET IMAGE lux 1',
          'HDEL IMAGE lux',
          'UNLINK IMAGE',
          'PERSIST IMAGE',
        ],
        ...[
          'PEXPIRE IMAGE 1',
          'ZADD house2:images:garden 1 garden:1',
          'SADD house2:cameras x',
          'XADD house2:events * event {}',
        ],
      ].map((line) => line.replace('IMAGE', own[0] ?? '').split(' ')))
        await assert.rejects(client.sendCommand(words), /NOPERM/, words.join(' '));
      const forging = "return redis.call('HSET', KEYS[1], 'image_data', 'forged')";
      await assert.rejects(client.eval(forging, { keys: own }), /The user executing the script can't/);
      client.destroy();
    });

    it('is answered alike whether the image is there or not', async () => {
      const { client } = (await storeOf('house2-flows', 'house2:')).connection;
      const absent = 'house1:image:front:1';
      const { sendCommand } = client;
      const answer = (words: string[]) => sendCommand.call(client, words).then(String, String);
      for (const words of [
        ['HMGET', 'IMAGE', 'lux'],
        ['EXISTS', 'IMAGE'],
        ['HSETNX', 'IMAGE', 'camera', 'x'],
        ['UNLINK', 'IMAGE'],
      ]) {
        const [there, gone] = await Promise.all(
          [key, absent].map((name) => answer(words.map((word) => word.replace('IMAGE', name)))),
        );
        assert.match(there ?? '', /NOPERM/);
        assert.equal(there?.replaceAll(key, ''), gone?.replaceAll(absent, ''));
      }
    });

    it("is refused without a name, and with another's password", async () => {
      for (const credentials of ['', 'house1-agent:house2-agent-password@', ':admin-password@', 'house2-agent@']) {
        const client = createClient({
          url: `redis://${credentials}127.0.0.1:${tenants.redis.port}`,
          maintNotifications: 'disabled',
          socket: { reconnectStrategy: false },
        });
        client.on('error', () => undefined);
        await assert.rejects(
          client.connect().then(() => client.sendCommand(['HGETALL', key])),
          /NOAUTH|WRONGPASS/,
        );
        if (client.isOpen) client.destroy();
      }
    });
  });

  describe('through the broker', () => {
    let owner: MqttListener;

    before(async () => {
      owner = await new MqttListener().start(tenants.mqttUrl('house1-flows'), 'house1/#');
      const agent = await connect('house1-agent');
      for (const [topic, payload] of [
        ['agents/pi1/status', 'online'],
        ['front/availability', 'online'],
        ['front/state', secret],
        ['front/latest', secret],
        ['front/thumbnail', secret],
      ] as const)
        await agent.publishAsync(`house1/luxcam/${topic}`, payload, { qos: 1, retain: true });
      await agent.publishAsync('house1/homeassistant/device/x/config', secret, { qos: 1, retain: true });
      await agent.endAsync();
    });
    after(() => owner.stop());

    const connect = (user: string, options: mqtt.IClientOptions = {}): Promise<MqttClient> =>
      mqtt.connectAsync(tenants.mqttUrl(user), { protocolVersion: 5, reconnectPeriod: 0, ...options }, false);

    for (const user of brokerUsers)
      it(`hears nothing as ${user}`, async () => {
        const spy = await connect(user);
        const heard: string[] = [];
        const own = new Promise((resolve) =>
          spy.on('message', (topic) => (topic === 'house2/luxcam/garden/state' ? resolve(topic) : heard.push(topic))),
        );
        // Some filters are refused, others are granted and never bring anything.
        for (const filter of [
          ...[
            '#',
            '+/#',
            '+/+/+/event',
            'house1/#',
            'house1/luxcam/#',
            'house1/luxcam/+/latest',
            '$SYS/#',
            '$SYS/broker/#',
          ],
          ...['house1/luxcam/front/thumbnail', 'house1/homeassistant/#', 'house1/answers/#', '$share/g/house1/#'],
        ])
          await spy.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
        const agent = await connect('house1-agent');
        await agent.publishAsync('house1/luxcam/front/event', secret, { qos: 1 });
        await agent.publishAsync('house1/answers/me', secret, { qos: 1 });
        await agent.endAsync();
        // Comes last, and is its own.
        const admin = await connect('house2-agent');
        await admin.publishAsync('house2/luxcam/garden/state', '{}', { qos: 1 });
        await own;
        await Promise.all([admin.endAsync(), spy.endAsync()]);
        assert.deepEqual(heard, []);
      });

    it('says nothing, by no topic, no last will and no answer', async () => {
      const before = owner.heard.length;
      for (const user of brokerUsers) {
        const client = await connect(user);
        for (const [topic, retain] of [
          ...[
            ['front/capture', false] as const,
            ['front/set/interval', false] as const,
            ['front/event', false] as const,
          ],
          ...['front/state', 'front/latest', 'front/thumbnail', 'front/availability', 'agents/pi1/status'].map(
            (retained) => [retained, true] as const,
          ),
        ])
          await assert.rejects(
            client.publishAsync(`house1/luxcam/${topic}`, 'forged', { qos: 1, retain }),
            /authorized/i,
          );
        await client.publishAsync('house1/luxcam/front/event', 'forged', { qos: 0 });
        await client.endAsync();
        const will = { topic: 'house1/luxcam/agents/pi1/status', payload: Buffer.from('forged'), qos: 1, retain: true };
        const dying = await connect(user, { will: { ...will, qos: 1 } }).catch(() => null);
        dying?.on('error', () => undefined);
        dying?.stream.destroy();
      }
      const agent = await connect('house1-agent');
      await agent.publishAsync('house1/luxcam/front/event', 'the end', { qos: 1 });
      await agent.endAsync();
      await owner.message(({ payload }) => `${payload}` === 'the end');
      const heard = owner.heard.slice(before).map(({ topic, payload }) => `${topic} ${payload}`);
      assert.deepEqual(heard, ['house1/luxcam/front/event the end']);
    });

    it("is refused without a name, and with another's password", async () => {
      const open = (url: string) => mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 }, false);
      await assert.rejects(open(`mqtt://127.0.0.1:${tenants.mosquitto.port}`), /authorized/i);
      await assert.rejects(
        open(`mqtt://house1-flows:house2-flows-password@127.0.0.1:${tenants.mosquitto.port}`),
        /authorized/i,
      );
    });
  });

  describe('over HTTP', () => {
    let folder: string;
    let server: ServerProcess;
    let url = '';

    before(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'luxcam-house2-'));
      const file = path.join(folder, 'luxcam.yaml');
      const allow = 'gallery: { port: 0, allow: { pin: true, delete: true, capture: true } }';
      await writeFile(file, `${tenants.configuration('house2-keeper')}${allow}\n`);
      server = runningLuxcam(['gallery', '--config', file]);
      [, url = ''] = await server.printed(/Gallery: (\S+)/);
    });
    after(async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    });

    const ask = async (route: string, method = 'GET') => {
      const init = method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: '{}' };
      const response = await fetch(url + route, { method, ...init });
      return { status: response.status, body: await response.text() };
    };

    it('shows its own images alone', async () => {
      const { body } = await ask('api/images');
      const { images } = parseJson(z.object({ images: z.array(z.object({ camera: z.string() })) }), body);
      assert.deepEqual(
        images.map(({ camera }) => camera),
        ['garden'],
      );
      for (const route of [
        'api/images',
        'api/cameras',
        'api/stats',
        'api/images?camera=front',
        'api/stats?camera=front',
      ])
        assert.ok(!(await ask(route)).body.includes(secret), route);
    });

    it('refuses ids and cameras that would lead to another house', async () => {
      const before = await contents();
      const ids = [
        ...[id, `house1:image:${id}`, `house1:${id}`, `..%2fhouse1:image:${id}`, `../house1:image:${id}`],
        ...[`%2e%2e%2f${id}`, `${id}%00`, `front%3A1`, `house1:images:front`, `*`, `front:*`, `images:front`, 'events'],
        ...[`${id}%0d%0aGET%20house1`, '..%2f..%2fhouse1%3acameras'],
      ];
      for (const each of ids) {
        for (const [route, method] of [
          ...[`images/${each}`, `thumbnails/${each}`, `api/images/${each}`].map((route) => [route, 'GET'] as const),
          ...['/pin', '/unpin'].map((end) => [`api/images/${each}${end}`, 'POST'] as const),
          [`api/images/${each}`, 'DELETE'] as const,
        ]) {
          const { status, body } = await ask(route, method);
          assert.ok(status === 400 || status === 404 || status === 405, `${method} ${route}: ${status} ${body}`);
          assert.ok(!body.includes(secret));
        }
      }
      for (const camera of [
        'front',
        'house1:front',
        '..%2fhouse1',
        'house1:images',
        '%2e%2e%2fhouse1%2fluxcam%2ffront',
      ]) {
        for (const [route, method] of [
          [`cameras/${camera}/latest.jpg`, 'GET'],
          [`live/${camera}.jpg`, 'GET'],
          [`api/cameras/${camera}/capture`, 'POST'],
          [`api/images?camera=${camera}`, 'GET'],
          [`api/stats?camera=${camera}`, 'GET'],
        ] as const) {
          const { status, body } = await ask(route, method);
          assert.ok(status < 500 && !body.includes(secret) && !body.includes(id), `${route}: ${status} ${body}`);
        }
      }
      assert.deepEqual(await contents(), before);
    });
  });

  describe('through Node-RED', () => {
    let flow: TestFlow;
    let jpeg: Buffer;

    before(async () => {
      const image = sharp({ create: { width: 64, height: 36, channels: 3, background: 'green' } });
      jpeg = await image.jpeg().toBuffer();
    });
    const start = async (prefix: string) => {
      const image = { z: 'tab', store: 'store' };
      flow = await new TestFlow().start(
        [
          { id: 'tab', type: 'tab' },
          { id: 'store', type: 'redis-image-store', name: '', url: tenants.redis.url, prefix },
          { id: 'in', type: 'redis-image-in', ...image, mode: 'id', wires: [['out']] },
          { id: 'latest', type: 'redis-image-in', ...image, mode: 'latest', wires: [['out']] },
          { id: 'write', type: 'redis-image-out', ...image, camera: 'flow', cameraType: 'str', wires: [['out']] },
          {
            id: 'add',
            type: 'redis-image-out',
            ...image,
            mode: 'meta',
            meta: 'meta',
            metaType: 'msg',
            wires: [['out']],
          },
          { id: 'catch', type: 'catch', z: 'tab', wires: [['caught']] },
          { id: 'caught', type: 'helper', z: 'tab' },
          { id: 'out', type: 'helper', z: 'tab' },
        ],
        { credentials: { store: { username: 'house2-flows', password: 'house2-flows-password' } } },
      );
      await flow.status('in', /^ready/);
    };
    afterEach(() => flow.stop());
    const refused = async (node: string, message: object, code: RegExp) => {
      flow.send(node, message as NodeMessage);
      const { error } = await flow.next<CaughtMessage>('caught');
      assert.match(`${error.code}: ${error.message}`, code);
      assert.ok(!error.message.includes(secret));
      assert.deepEqual(flow.messages.get('out'), []);
    };

    it('finds nothing of another house by any message', async () => {
      const before = await contents();
      await start('house2:');
      for (const asked of [id, key, `../${key}`, { id, key }, { id: key }, '*', 'house1:images:front', [id]])
        await refused('in', { payload: asked }, /not_found|invalid_request/);
      for (const camera of ['front', 'house1:front', 'images:house1:front', '*'])
        await refused('latest', { camera, payload: '' }, /not_found|invalid_request/);
      await refused('add', { payload: { id, key }, meta: { forged: true } }, /not_found/);
      await refused('add', { payload: key, meta: { forged: true } }, /invalid_request/);
      await refused('write', { payload: jpeg, camera: 'house1:front' }, /invalid_request/);
      assert.deepEqual(await contents(), before);
    });

    it("is refused with the other house's prefix", async () => {
      const before = await contents();
      await start('house1:');
      await refused('in', { payload: id }, /store_unavailable/);
      await refused('latest', { camera: 'front', payload: '' }, /store_unavailable/);
      await refused('add', { payload: id, meta: { forged: true } }, /store_unavailable/);
      await refused('write', { payload: jpeg }, /store_unavailable/);
      assert.deepEqual(await contents(), before);
    });
  });
});
