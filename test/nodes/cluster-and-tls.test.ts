import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { type CertificateFiles, redisTlsOptions, TestAuthority } from '../support/certificates';
import { freePort } from '../support/free-port';
import { newImage } from '../support/new-image';
import { TestFlow } from '../support/node-red-flow';
import { TestRedisCluster } from '../support/redis-cluster';
import { TestRedis } from '../support/redis-server';

const answerSchema = z.object({ address: z.string().optional(), error: z.object({ message: z.string() }).optional() });

describe('the nodes', () => {
  let flow: TestFlow;
  afterEach(() => flow.stop());

  const nodes = (store: object, ...others: object[]) => [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', name: '', ...store },
    { id: 'new', type: 'redis-image-in', z: 'tab', store: 'store', mode: 'each', output: 'buffer', wires: [['out']] },
    {
      id: 'ask',
      type: 'redis-image-in',
      z: 'tab',
      store: 'store',
      mode: 'id',
      output: 'buffer',
      wires: [['answer']],
    },
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'answer', type: 'helper', z: 'tab' },
    ...others,
  ];
  const ask = async (settings: object) => {
    const { text } = await flow.adminPost('/luxcam/store-test', { id: 'store', ...settings });
    return parseJson(answerSchema, text);
  };

  describe('with a Redis Cluster', () => {
    const cluster = new TestRedisCluster();
    const prefix = '{house2}:';
    let connection: RedisConnection;

    before(async () => {
      await cluster.start();
      connection = new RedisConnection({ url: cluster.url, prefix, cluster: true });
      connection.start();
      await connection.ready();
    });
    after(async () => {
      await connection.stop();
      await cluster.stop();
    });

    it('send each new image, also after the primary was killed and its replica went on', async () => {
      flow = await new TestFlow().start(nodes({ url: cluster.url, prefix, cluster: true }));
      await flow.status('new', /waiting/);
      const store = new RedisImageStore({ connection, ownsCameras: true });
      const pass = async (text: string) => {
        const { id } = await store.put(newImage({ bytes: Buffer.from(text) }));
        assert.equal(`${(await flow.next('out')).payload}`, text);
        return id;
      };
      const before = await pass('before');
      const primary = await cluster.primaryOf(prefix);
      const replica = await cluster.replicaOf(primary);
      await primary.signal('SIGKILL');
      await flow.status('new', /ECONNREFUSED|closed unexpectedly|ECONNRESET/);
      await replica.says(['INFO', 'replication'], /role:master/);
      await connection.ready();
      await flow.status('new', /^front/);
      await pass('after');
      flow.send('ask', { payload: before } as NodeMessage);
      assert.equal(`${(await flow.next('answer')).payload}`, 'before');
      const { address } = await ask({ url: replica.url, prefix, cluster: true });
      assert.equal(address, `127.0.0.1:${replica.port}`);
      await primary.start();
    });

    it('say that the prefix has to hold a name in braces', async () => {
      flow = await new TestFlow().start(nodes({ url: cluster.url, prefix: 'house2:', cluster: true }));
      await flow.status('new', /with a cluster the prefix has to hold a name in braces/);
      const { error } = await ask({ url: cluster.url, prefix: 'house2:', cluster: true });
      assert.match(error?.message ?? '', /with a cluster the prefix has to hold a name in braces/);
    });
  });

  describe('with a Redis that wants certificates', () => {
    const authority = new TestAuthority();
    const redis = new TestRedis();
    let own: CertificateFiles;
    let url: string;

    before(async () => {
      const port = await freePort();
      await redis.start(redisTlsOptions(authority, authority.sign('server', 'IP:127.0.0.1'), port));
      own = authority.sign('node-red', 'DNS:node-red');
      url = `rediss://127.0.0.1:${port}`;
    });
    after(async () => {
      await redis.stop();
      authority.remove();
    });

    const tls = (given: object = {}) => ({
      id: 'tls',
      type: 'tls-config',
      ca: authority.ca,
      verifyservercert: true,
      ...own,
      ...given,
    });

    it('take them from a TLS configuration of Node-RED', async () => {
      flow = await new TestFlow().start(nodes({ url, prefix: '', tls: 'tls' }, tls()));
      await flow.status('new', /waiting/);
      assert.equal((await ask({ url, tls: 'tls' })).address, url.slice('rediss://'.length));
      assert.match((await ask({ url })).error?.message ?? '', /who signed its certificate is not known here/);
      assert.match((await ask({ url, tls: 'unknown' })).error?.message ?? '', /If it is new, deploy it first/);
    });

    it('say in their status what is wrong with it', async () => {
      flow = await new TestFlow().start(nodes({ url, tls: 'tls' }, tls({ key: '/nowhere' })));
      await flow.status('new', /files of the TLS configuration can not be used/);
      await flow.stop();
      flow = await new TestFlow().start(nodes({ url, tls: 'tls' }, tls({ cert: '', key: '' })));
      await flow.status('new', /takes no one without a certificate that it trusts/);
    });
  });
});
