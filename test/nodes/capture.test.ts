import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { NodeMessage } from 'node-red';
import { TestMosquitto } from '../support/mosquitto';
import { PlayedAgent } from '../support/node-red-agent';
import { type CaughtMessage, TestFlow } from '../support/node-red-flow';

describe('the capture node', () => {
  const mosquitto = new TestMosquitto();
  let agent: PlayedAgent;
  let flow: TestFlow;

  const broker = () => ({
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: `${mosquitto.port}`,
    protocolVersion: '5',
    cleansession: true,
    autoConnect: true,
    keepalive: '60',
  });
  const capture = (settings: object = {}) => ({
    id: 'capture',
    type: 'luxcam-capture',
    z: 'tab',
    broker: 'broker',
    base: 'luxcam',
    camera: 'front',
    cameraType: 'str',
    ttl: '',
    burst: 1,
    timeout: 10,
    wires: [['out']],
    ...settings,
  });
  const surroundings = () => [
    { id: 'tab', type: 'tab' },
    broker(),
    { id: 'out', type: 'helper', z: 'tab' },
    { id: 'catch', type: 'catch', z: 'tab', scope: ['capture'], wires: [['caught']] },
    { id: 'caught', type: 'helper', z: 'tab' },
    { id: 'complete', type: 'complete', z: 'tab', scope: ['capture'], wires: [['completed']] },
    { id: 'completed', type: 'helper', z: 'tab' },
  ];
  const start = async (settings: object = {}, nodeRed: object = {}) => {
    flow = await new TestFlow().start([...surroundings(), capture(settings)], { settings: nodeRed });
    return flow;
  };

  /** Resolves when the node has heard from the broker which cameras there are. */
  const cameraIsKnown = async () => {
    while (!JSON.stringify((await flow.admin('/luxcam/cameras')).body).includes('"front"'));
  };

  before(() => mosquitto.start());
  after(() => mosquitto.stop());
  beforeEach(async () => {
    agent = await new PlayedAgent().start(mosquitto.url);
  });
  afterEach(async () => {
    await flow.stop();
    await agent.stop();
  });

  it('asks the camera with a transaction that expires with the request, and sends the announcement', async () => {
    await start({ ttl: '120' });
    await flow.status('capture', /^ready$/);
    flow.send('capture', { payload: 'go', kept: 'as it was', meta: { who: 'bell' } });
    const { command, message } = await agent.command();
    assert.deepEqual(command, { transaction: command.transaction, ttl: 120, meta: { who: 'bell' } });
    assert.ok(command.transaction.length > 8);
    assert.equal(message.packet.qos, 1);
    assert.ok((message.packet.properties?.messageExpiryInterval ?? 99) <= 10);
    await flow.status('capture', /taking a picture/);

    await agent.captured(null);
    await agent.captured('somebody else');
    await agent.captured(command.transaction);
    const sent = await flow.next<NodeMessage & { payload: { camera: string; transaction: string } }>('out');
    assert.equal(sent.payload.transaction, command.transaction);
    assert.equal(sent.payload.camera, 'front');
    assert.equal(sent.kept, 'as it was');
    await flow.next('completed');
    await flow.status('capture', /^front, just now$/);
    assert.equal(flow.messages.get('out')?.length, 0);
  });

  it("lets the message name another camera and time to live, and refuses a name that can't be one", async () => {
    await start();
    flow.send('capture', { camera: 'garden', ttl: 5 });
    const { command } = await agent.command('garden');
    assert.equal(command.ttl, 5);
    flow.send('capture', { camera: '../+/#' });
    const caught = await flow.next<CaughtMessage>('caught');
    assert.equal(caught.error.code, 'invalid_request');
    assert.match(caught.error.message, /camera name/);
    flow.send('capture', { ttl: -1 });
    assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'invalid_request');
    flow.send('capture', { meta: { note: 'x'.repeat(70_000) } });
    assert.match((await flow.next<CaughtMessage>('caught')).error.message, /too large, 16384 bytes are the limit/);
  });

  it('takes the camera from a message property, where it is set so', async () => {
    await start({ camera: 'payload.which', cameraType: 'msg' });
    flow.send('capture', { payload: { which: 'front' } });
    await agent.command('front');
    flow.send('capture', { payload: {} });
    assert.match((await flow.next<CaughtMessage>('caught')).error.message, /No camera is named/);
  });

  it('takes ttl, number of pictures and meta from where the node says, and refuses what they can not be', async () => {
    await start({ ttl: 'keep', ttlType: 'msg', burst: 'count', burstType: 'msg', meta: 'payload', metaType: 'msg' });
    flow.send('capture', { keep: '60', count: 2, payload: { who: 'bell' } });
    const { command } = await agent.command();
    assert.deepEqual(command, { transaction: command.transaction, ttl: 60, burst: 2, meta: { who: 'bell' } });
    for (const wrong of [{ keep: 'an hour' }, { count: 0 }, { payload: 'no object' }]) {
      flow.send('capture', wrong);
      assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'invalid_request');
    }
    assert.equal(flow.messages.get('caught')?.length, 0);
  });

  it('sends each picture of a burst once and is done after the last', async () => {
    await start({ burst: 3 });
    flow.send('capture', {});
    const { command } = await agent.command();
    assert.equal(command.burst, 3);
    await agent.captured(command.transaction, { index: 1, of: 3 });
    await agent.captured(command.transaction, { index: 1, of: 3 });
    await agent.captured(command.transaction, { index: 2, of: 3 });
    assert.deepEqual((await flow.next('out')).parts, { id: command.transaction, index: 0, count: 3 });
    assert.deepEqual((await flow.next('out')).parts, { id: command.transaction, index: 1, count: 3 });
    assert.equal(flow.messages.get('completed')?.length, 0);
    await agent.captured(command.transaction, { index: 3, of: 3 });
    await flow.next('completed');
    assert.equal(flow.messages.get('out')?.length, 1);
  });

  it('tells a failure to a catch node once, with its code, after the pictures that did work', async () => {
    await start({ burst: 2 });
    flow.send('capture', {});
    const { command } = await agent.command();
    await agent.failed(command.transaction, 'camera_failed', { index: 1, of: 2 });
    await agent.captured(command.transaction, { index: 2, of: 2 });
    const caught = await flow.next<CaughtMessage>('caught');
    assert.equal(caught.error.code, 'camera_failed');
    assert.equal(caught.error.message, 'the lens cap is on');
    await flow.next('out');
    await flow.status('capture', /^front failed$/);
    await agent.failed(command.transaction, 'camera_failed');
    // A picture that comes after it shows that nothing else was caught on the way.
    flow.send('capture', { camera: 'front' });
    await agent.captured((await agent.command()).command.transaction);
    await flow.next('out');
    await flow.next('completed');
    assert.equal(flow.messages.get('caught')?.length, 0);
    assert.equal(flow.messages.get('completed')?.length, 0);
  });

  it('keeps several requests apart that are under way at once', async () => {
    await start();
    flow.send('capture', { name: 'first' });
    const first = await agent.command();
    flow.send('capture', { name: 'second' });
    const second = await agent.command();
    await agent.captured(second.command.transaction);
    assert.equal((await flow.next('out')).name, 'second');
    await agent.captured(first.command.transaction);
    assert.equal((await flow.next('out')).name, 'first');
  });

  it('gives up when nobody answers, and says which cameras there are', async () => {
    await start({ timeout: 0.3 });
    await cameraIsKnown();
    flow.send('capture', { camera: 'frnt' });
    const unknown = await flow.next<CaughtMessage>('caught');
    assert.equal(unknown.error.code, 'camera_timeout');
    assert.match(unknown.error.message, /no camera of that name \(known: front\)/);
    flow.send('capture', {});
    assert.equal((await flow.next<CaughtMessage>('caught')).error.message, 'front announced no picture within 0.3 s');
    await flow.status('capture', /^no answer from front$/);
  });

  it('says that a picture waits on disk when Redis is away for longer than the timeout', async () => {
    await start({ timeout: 2 });
    await flow.status('capture', /ready/);
    flow.send('capture', {});
    await agent.spooled((await agent.command()).command.transaction);
    const caught = await flow.next<CaughtMessage>('caught');
    assert.equal(caught.error.code, 'store_unavailable');
    assert.match(caught.error.message, /waits on the agent's disk/);
  });

  it('fails at once while the agent is offline, and works again when it is back', async () => {
    await start();
    await agent.say('offline');
    await flow.status('capture', /^agent offline$/);
    flow.send('capture', {});
    const caught = await flow.next<CaughtMessage>('caught');
    assert.equal(caught.error.code, 'camera_failed');
    assert.match(caught.error.message, /its agent pi1 is offline/);
    await agent.say('online');
    await flow.status('capture', /^ready$/);
    flow.send('capture', {});
    await agent.captured((await agent.command()).command.transaction);
    await flow.next('out');
  });

  it('waits for each picture of a burst anew', async () => {
    await start({ burst: 3, timeout: 3 });
    await flow.status('capture', /ready/);
    flow.send('capture', {});
    const { command } = await agent.command();
    for (const index of [1, 2, 3]) {
      // Together more than the node waits for one.
      await setTimeout(1100);
      await agent.captured(command.transaction, { index, of: 3 });
    }
    await flow.next('completed');
    assert.equal(flow.messages.get('out')?.length, 3);
  });

  it('says when the broker is away, and does not ask when it is too late', async () => {
    // Long enough for the agent to be back before the node is.
    await start({ timeout: 0.5 }, { mqttReconnectTime: 3000 });
    await flow.status('capture', /ready/);
    await mosquitto.kill();
    await flow.status('capture', /connecting to the broker/);
    flow.send('capture', {});
    assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'broker_unavailable');
    const back = new Promise((resolve) => agent.listener.client.once('connect', resolve));
    await mosquitto.resume();
    await back;
    // What it hears of itself shows that it has subscribed again.
    await agent.listener.client.publishAsync('back', '');
    await agent.listener.message(({ topic }) => topic === 'back');
    await flow.status('capture', /^(?!connecting)/);
    flow.send('capture', { camera: 'sentinel' });
    await agent.command('sentinel');
    assert.ok(!agent.listener.heard.some(({ topic }) => topic === 'luxcam/front/capture'));
  });

  it('hears its announcements beside an mqtt in node that hears everything on the same connection', async () => {
    const everything = { id: 'all', type: 'mqtt in', z: 'tab', broker: 'broker', topic: 'luxcam/#', qos: '1' };
    flow = await new TestFlow().start([...surroundings(), { ...everything, datatype: 'utf8', wires: [[]] }, capture()]);
    flow.send('capture', {});
    await agent.captured((await agent.command()).command.transaction);
    await flow.next('out');
    await flow.next('completed');
    assert.equal(flow.messages.get('out')?.length, 0);
  });

  it('says in its status and to a catch node that no broker is chosen', async () => {
    await start({ broker: '' });
    await flow.status('capture', /choose a broker/);
    flow.send('capture', {});
    assert.equal((await flow.next<CaughtMessage>('caught')).error.code, 'invalid_request');
  });

  it('offers the cameras that the broker knows to the editor', async () => {
    await start();
    await flow.status('capture', /ready/);
    flow.send('capture', {});
    await agent.command();
    assert.deepEqual((await flow.admin('/luxcam/cameras')).body, { cameras: ['front'] });
  });
});
