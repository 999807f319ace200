import assert from 'node:assert/strict';
import mqtt, { type IClientPublishOptions, type MqttClient } from 'mqtt';
import { EnduranceTrial } from '../support/endurance-trial';

describe('a flood of hostile messages', function () {
  this.timeout(180_000);
  let trial: EnduranceTrial;
  let attacker: MqttClient;

  beforeEach(async () => {
    trial = new EnduranceTrial('500ms');
    await trial.start();
    attacker = await mqtt.connectAsync(trial.mosquitto.url, { protocolVersion: 5 });
  });
  afterEach(async () => {
    await attacker?.endAsync(true);
    await trial.stop();
  });

  it('neither stops the agent nor fills its log, its outbox or the change feed', async () => {
    await trial.hear('captured', 2);
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const messages: [topic: string, payload: string | Buffer, properties?: IClientPublishOptions['properties']][] = [
      ['luxcam/front/capture', '{not json'],
      ['luxcam/front/capture', Buffer.from([0, 0xff, 0xfe])],
      ['luxcam/front/capture', `{"meta":{"a":${deep(7000)}}}`],
      ['luxcam/front/capture', `{"meta":{"a":${deep(20)}}}`],
      ['luxcam/front/capture', 'x'.repeat(60_000)],
      ['luxcam/front/capture', 'x'.repeat(200_000)],
      ['luxcam/garden/capture', JSON.stringify({ meta: { text: 'x'.repeat(20_000) } })],
      ['luxcam/garden/capture', '{"__proto__":{"x":1},"ttl":"1"}'],
      ['luxcam/front/capture', '{"burst":1e99}', { responseTopic: 'luxcam/front/capture' }],
      ['luxcam/front/capture', '[]', { responseTopic: '$SYS/broker/uptime' }],
      ['luxcam/front/capture', '[]', { responseTopic: 'luxcam/garden/state' }],
      ['luxcam/front/set/interval', '-5'],
      ['luxcam/$/state', 'null'],
      ['homeassistant/status', 'online'],
    ];
    const linesBefore = trial.log.split('\n').length;
    const heardBefore = trial.heard.length;
    const began = performance.now();
    for (let at = 0; at < 100_000; at += 1) {
      const [topic, payload, properties] = messages[at % messages.length] ?? ['', ''];
      const options = { ...(properties && { properties }) };
      if (at % 100 > 0) attacker.publish(topic, payload, { ...options, qos: 0 });
      // Waits for the broker now and then, so that the flood does not pile up on our side.
      else await attacker.publishAsync(topic, payload, { ...options, qos: 1 });
    }
    // A camera that is asked once more answers, and what is captured is announced.
    const asking = setInterval(() => trial.ask(), 500);
    await trial.hear('captured', 1, 'garden');
    clearInterval(asking);
    await trial.hear('captured', 3, 'front');
    const seconds = (performance.now() - began) / 1000;

    const lines = trial.log.split('\n').slice(linesBefore);
    const complaints = lines.filter((line) => !/"msg":"captured/.test(line));
    assert.ok(complaints.length <= 2 * seconds + 10, `${complaints.length} lines in ${Math.round(seconds)} s`);
    const refused = trial.heard
      .slice(heardBefore)
      .filter((said) => said.event === 'failed' && said.error.code === 'invalid_request');
    // An answer that the busy broker has not acknowledged in time comes once more.
    const { size } = new Set(refused.map((said) => JSON.stringify(said)));
    assert.ok(size > 0 && size <= 20 * (seconds + 1), `${size} refusals were answered`);
    assert.equal((await trial.stopAgent()).status, 0);
    const { lost, unannounced } = await trial.verdict();
    assert.deepEqual({ lost, unannounced }, { lost: [], unannounced: [] });
  });
});
