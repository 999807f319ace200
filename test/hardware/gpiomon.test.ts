import assert from 'node:assert/strict';
import { z } from 'zod';
import { runInVirtualMachine } from './virtual-machine';

describe('An agent on real lines of a kernel, watched with gpiomon 2', () => {
  let facts: Map<string, unknown>;

  before(async function () {
    const limit = 600_000;
    this.timeout(limit + 5000);
    facts = await runInVirtualMachine('gpiomon.mjs', limit);
  });

  it('has a gpiomon for each line, and takes none through sysfs', () => {
    assert.equal(facts.get('gpiomons while the agent runs'), 3);
    assert.deepEqual(facts.get('lines of sysfs'), []);
  });

  it('takes a picture of each press that bounces', () => {
    assert.equal(facts.get('pictures of 10 presses'), 10);
  });

  it('tells in its state when motion begins and ends', () => {
    assert.deepEqual(facts.get('motion'), ['OFF', 'ON', 'OFF']);
  });

  it('takes no more pictures of noise than its cooldown allows', () => {
    const [pictures, most] = ['pictures of noise', 'most pictures of noise'].map((fact) => Number(facts.get(fact)));
    assert.ok(Number(pictures) >= 2 && Number(pictures) <= Number(most), `${pictures} pictures, at most ${most}`);
  });

  it('starts gpiomon anew when it was killed, and sees the next press', () => {
    assert.equal(facts.get('gpiomons after they were killed'), 0);
    assert.equal(facts.get('gpiomons started anew'), 3);
    assert.equal(facts.get('pictures after gpiomon was killed'), 11);
  });

  it('leaves no gpiomon behind when it is killed, so that the next agent gets the lines', () => {
    assert.equal(facts.get('gpiomons of a killed agent'), 0);
    assert.equal(facts.get('pictures of the next agent'), 12);
  });

  it('ends well when it is asked to, and releases its lines', () => {
    assert.equal(facts.get('exit code'), 0);
    assert.equal(facts.get('gpiomons after the stop'), 0);
  });

  it('says of a line that the kernel uses which it is and what to do', () => {
    const refusal = z.string().parse(facts.get('refusal of a line that the kernel uses'));
    assert.match(refusal, /GPIO 5 can't be watched, another program or the kernel uses it already: choose another/);
    assert.equal(facts.get('gpiomons after the refusals'), 0);
  });

  it('says of a line that is not there which there are', () => {
    const refusal = z.string().parse(facts.get('refusal of a line that is not there'));
    assert.match(refusal, /there is no GPIO 54: pinctrl-bcm2711 has the lines 0 to 53, choose one of them/);
  });

  it('serves where onoff can not, with the pull resistor that was asked for', () => {
    assert.equal(facts.get('level of a line where onoff can not serve'), 1);
    assert.equal(facts.get('gpiomons after it was closed'), 0);
  });
});
