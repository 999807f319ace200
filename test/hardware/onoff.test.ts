import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { announcementSchema } from '../../core/messages';
import { runInVirtualMachine } from './virtual-machine';

const picture = readFileSync(path.join(__dirname, 'guest/pictures/picture.jpg'));
const imagesSchema = z.array(z.object({ key: z.string(), trigger: z.string(), bytes: z.base64() }));

describe('An agent on real lines of a kernel, watched with onoff', () => {
  let facts: Map<string, unknown>;

  before(async function () {
    const limit = 600_000;
    this.timeout(limit + 5000);
    facts = await runInVirtualMachine('onoff.mjs', limit);
  });

  const announced = (trigger: string) =>
    z
      .array(announcementSchema)
      .parse(facts.get('announcements'))
      .filter((announcement) => 'trigger' in announcement && announcement.trigger === trigger)
      .map((announcement) => [announcement.event, 'trigger_source' in announcement && announcement.trigger_source]);

  const stored = (trigger: string) =>
    imagesSchema
      .parse(facts.get('images'))
      .filter((image) => image.trigger === trigger)
      .map(({ bytes }) => Buffer.from(bytes, 'base64'));

  it('takes the lines of its configuration, and no other', () => {
    assert.deepEqual(facts.get('lines while the agent runs'), ['gpio529', 'gpio534', 'gpio535', 'gpio536', 'gpio539']);
  });

  it('announces one capture for a press that bounces', () => {
    assert.deepEqual(announced('button'), [['captured', 'gpio17']]);
  });

  it('keeps the image of the press in Redis, byte by byte', () => {
    assert.deepEqual(stored('button'), [picture]);
  });

  it('announces one capture for a motion', () => {
    assert.deepEqual(announced('motion'), [['captured', 'gpio27']]);
  });

  it('keeps the image of the motion in Redis, byte by byte', () => {
    assert.deepEqual(stored('motion'), [picture]);
  });

  it('tells in its state when motion begins and ends', () => {
    assert.deepEqual(facts.get('motion'), ['OFF', 'ON', 'OFF']);
  });

  it('takes one picture of a noise of 1,000 edges, within its cooldown', () => {
    assert.deepEqual(announced('gpio'), [['captured', 'noisy']]);
  });

  it('takes a picture of each of 100 presses that bounce', () => {
    assert.equal(facts.get('pictures of 100 presses'), 100);
  });

  it('takes no more pictures of ten seconds of noise than its cooldown allows, and goes on taking them', () => {
    const [pictures, most] = ['pictures of noise', 'most pictures of noise'].map((fact) => Number(facts.get(fact)));
    assert.ok(Number(pictures) >= 3 && Number(pictures) <= Number(most), `${pictures} pictures, at most ${most}`);
    assert.equal(facts.get('failures'), 0);
  });

  it('ends well when it is asked to, and says that it is offline', () => {
    assert.equal(facts.get('exit code'), 0);
    assert.equal(facts.get('last status'), 'offline');
  });

  it('releases its lines when it ends', () => {
    assert.deepEqual(facts.get('lines after the stop'), []);
  });

  it('says of a line that the kernel uses which it is and what to do, and leaves it alone', () => {
    const refusal = z.string().parse(facts.get('refusal of a line that the kernel uses'));
    assert.match(
      refusal,
      /GPIO 5 can't be watched, another program or the kernel uses it already: choose another line/,
    );
    assert.deepEqual(facts.get('lines after the refusal'), []);
  });

  it('says of a line that is not there which there are', () => {
    const refusal = z.string().parse(facts.get('refusal of a line that is not there'));
    assert.match(refusal, /there is no GPIO 54: pinctrl-bcm2711 has the lines 0 to 53, choose one of them/);
  });

  it('takes over a line that a killed agent left behind, and releases it', () => {
    assert.deepEqual(facts.get('levels of a line left behind'), [0, 1]);
    assert.deepEqual(facts.get('lines after that'), []);
  });
});
