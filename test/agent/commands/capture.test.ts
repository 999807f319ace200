import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { announcementSchema, parseJson } from '../../../core/messages';
import { luxcam } from '../../support/luxcam-command';
import { TestMosquitto } from '../../support/mosquitto';
import { PlayedAgent } from '../../support/node-red-agent';

describe('luxcam capture', () => {
  const mosquitto = new TestMosquitto();
  let agent: PlayedAgent;
  let folder: string;

  const capture = (...words: string[]) =>
    luxcam(['capture', ...words], { cwd: folder, env: { MQTT_URL: mosquitto.url } });

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'luxcam-capture-'));
    await mosquitto.start();
    agent = await new PlayedAgent().start(mosquitto.url);
  });
  after(async () => {
    await agent.stop();
    await mosquitto.stop();
    await rm(folder, { recursive: true });
  });

  it('asks as it is told, and prints a line for each image', async () => {
    const done = capture('front', '--ttl', '5m', '--burst', '2', '--meta', 'door=open');
    const { command, message } = await agent.command();
    assert.deepEqual(
      [command.ttl, command.burst, command.meta, message.packet.retain, message.packet.properties],
      [300, 2, { door: 'open' }, false, { messageExpiryInterval: 10 }],
    );
    await agent.captured('of somebody else');
    const first = { index: 1, of: 2 };
    for (const burst of [first, first, { index: 2, of: 2 }]) await agent.captured(command.transaction, burst);
    const { status, output, errors } = await done;
    assert.deepEqual([status, errors], [0, '']);
    assert.match(output, /^front:\d+ {2}2304x1296 {2}8 B\nfront:\d+ {2}2304x1296 {2}8 B\n$/);
  });

  it('prints the announcements as JSON', async () => {
    const done = capture('front', '--json');
    const { command } = await agent.command();
    await agent.captured(command.transaction);
    const said = parseJson(announcementSchema, (await done).output);
    assert.equal(said.event === 'captured' && said.transaction, command.transaction);
  });

  it('ends with status 1 and the reason when the picture fails', async () => {
    const done = capture('front');
    const { command } = await agent.command();
    await agent.failed(command.transaction, 'camera_failed');
    const { status, output, errors } = await done;
    assert.deepEqual([status, output, errors], [1, '', 'the lens cap is on (camera_failed)\n']);
  });

  it('gives up after its time, and names the cameras there are', async () => {
    const { status, errors } = await capture('attic', '--timeout', '200ms');
    assert.equal(status, 1);
    assert.match(errors, /^attic did not answer within 0\.2 s: is its agent running\? .* the cameras front\.$/m);
  });

  it('says at once that the broker is away, without the password in its address', async () => {
    const { status, errors } = await luxcam(['capture', 'front'], {
      cwd: folder,
      env: { MQTT_URL: 'mqtt://user:secret@127.0.0.1:1' },
    });
    assert.equal(status, 1);
    assert.match(errors, /^The MQTT broker at 127\.0\.0\.1:1 can't be reached: .* is the broker running there\?$/m);
    assert.ok(!errors.includes('secret'));
  });
});
