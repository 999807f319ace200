import assert from 'node:assert/strict';
import { createClient } from 'redis';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { TestFlow } from '../support/node-red-flow';
import { TestRedis } from '../support/redis-server';

const reportSchema = z.object({
  address: z.string(),
  version: z.string().nullable(),
  copy: z.boolean(),
  latency: z.number(),
  memory: z.object({ used: z.number(), limit: z.number(), policy: z.string() }).nullable(),
});

describe('the redis-image-store config node', () => {
  const redis = new TestRedis();
  let flow: TestFlow;

  const nodes = (settings: object) => [
    { id: 'tab', type: 'tab' },
    { id: 'store', type: 'redis-image-store', name: '', url: redis.url, prefix: '', ...settings },
    { id: 'image', type: 'redis-image-in', z: 'tab', store: 'store', mode: 'latest' },
    { id: 'other', type: 'redis-image-in', z: 'tab', store: 'store', mode: 'latest' },
  ];
  const environment = (name: string) => `\${${name}}`;

  before(() => redis.start(['--requirepass', 'se:cret@1']));
  after(() => redis.stop());
  afterEach(() => flow.stop());

  it('takes user and password from its credentials', async () => {
    flow = await new TestFlow().start(nodes({}), { credentials: { store: { password: 'se:cret@1' } } });
    await flow.status('image', /^ready$/);
    await flow.status('other', /^ready$/);
  });

  it('shares one connection among its users, and closes it with the flow', async () => {
    flow = await new TestFlow().start(nodes({}), { credentials: { store: { password: 'se:cret@1' } } });
    await flow.status('other', /^ready$/);
    const probe = createClient({ url: redis.url, password: 'se:cret@1' });
    await probe.connect();
    assert.equal((await probe.clientList()).length, 2);
    await flow.stop();
    // Redis may hear a question of ours before it notices that the other one has gone.
    while ((await probe.clientList()).length > 1);
    await probe.close();
  });

  it('says that Redis refused the password, without showing it', async () => {
    flow = await new TestFlow().start(nodes({}), { credentials: { store: { password: 'wrong-one' } } });
    const status = await flow.status('image', /WRONGPASS/);
    assert.equal(status.fill, 'red');
    assert.doesNotMatch(status.text ?? '', /wrong-one/);
  });

  it('warns of a password that stands in the flow', async () => {
    flow = await new TestFlow().start(
      nodes({ url: `redis://:${encodeURIComponent('se:cret@1')}@127.0.0.1:${redis.port}` }),
    );
    await flow.status('image', /^ready$/);
    assert.equal(flow.warnings.length, 1);
    assert.match(flow.warnings[0] ?? '', /holds a password/);
    assert.doesNotMatch(flow.warnings[0] ?? '', /se(:|%3A)cret/);
  });

  it('says what is wrong with its settings in the status of its users', async () => {
    flow = await new TestFlow().start(nodes({ url: 'http://localhost' }));
    await flow.status('image', /must look like redis:\/\/host:6379/);
    await flow.stop();
    flow = await new TestFlow().start(nodes({ url: '' }));
    await flow.status('image', /has no URL/);
    await flow.stop();
    flow = await new TestFlow().start(nodes({ url: environment('LUXCAM_ABSENT') }));
    await flow.status('image', /environment variable LUXCAM_ABSENT is not set/);
    await flow.stop();
    flow = await new TestFlow().start(nodes({}).map((node) => ({ ...node, store: 'no such node' })));
    await flow.status('image', /choose an image store/);
  });

  it('tests settings that are not saved yet, with the password that is', async () => {
    flow = await new TestFlow().start(nodes({}), { credentials: { store: { password: 'se:cret@1' } } });
    const ask = async (settings: object) => {
      const { status, text } = await flow.adminPost('/luxcam/store-test', { id: 'store', ...settings });
      assert.doesNotMatch(text, /se:cret|wrong-one/);
      return { status, text };
    };
    const { text, status } = await ask({ url: redis.url, password: '__PWRD__' });
    assert.equal(status, 200);
    const report = parseJson(reportSchema, text);
    assert.match(report.version ?? '', /^\d+\.\d+/);
    assert.equal(report.address, `127.0.0.1:${redis.port}`);
    assert.deepEqual([report.copy, report.memory?.limit, report.memory?.policy], [false, 0, 'noeviction']);
    assert.ok(Number(report.memory?.used) > 0 && report.latency > 0);

    const refused = await ask({ url: redis.url, password: 'wrong-one' });
    assert.equal(refused.status, 400);
    assert.match(refused.text, /"store_unavailable".*WRONGPASS.*check the user name and password/);
    assert.match((await ask({ url: 'redis://127.0.0.1:1' })).text, /is redis-server running there/);
    assert.match((await ask({ url: 'http://localhost' })).text, /must look like redis:/);
    assert.match((await ask({ url: 5 })).text, /"invalid_request"/);
  });

  it('tells in the test what a user without INFO may not ask', async () => {
    flow = await new TestFlow().start(nodes({}), { credentials: { store: { password: 'se:cret@1' } } });
    await flow.status('image', /^ready$/);
    const owner = createClient({ url: redis.url, password: 'se:cret@1' });
    await owner.connect();
    await owner.aclSetUser('guest', ['on', '>guest-word', '+@all', '-info', '~*']);
    await owner.close();
    const settings = { id: 'new', url: redis.url, username: 'guest', password: 'guest-word' };
    const { version, memory } = parseJson(reportSchema, (await flow.adminPost('/luxcam/store-test', settings)).text);
    assert.deepEqual([version, memory], [null, null]);
  });

  it('takes its URL from an environment variable, with its password', async () => {
    process.env.LUXCAM_TEST_REDIS = `redis://:${encodeURIComponent('se:cret@1')}@127.0.0.1:${redis.port}`;
    flow = await new TestFlow().start(nodes({ url: environment('LUXCAM_TEST_REDIS') }));
    await flow.status('image', /^ready$/);
    assert.deepEqual(flow.warnings, []);
    delete process.env.LUXCAM_TEST_REDIS;
  });
});
