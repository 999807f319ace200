import assert from 'node:assert/strict';
import { pino } from 'pino';
import sharp from 'sharp';
import { scene } from '../../../agent/cameras/scene/scene';
import { typicalWeather, weatherNames } from '../../../agent/cameras/scene/weather';
import { SimulatedCamera, simulatedSettings } from '../../../agent/cameras/simulated';

const log = pino({ level: 'silent' });
const clear = typicalWeather('clear');
const noon = new Date(2026, 5, 20, 12, 15);
const midnight = new Date(2026, 5, 20, 0, 15);

function camera(name: string, settings: object = {}): SimulatedCamera {
  return new SimulatedCamera({ name, settings: simulatedSettings.parse({ type: 'simulated', ...settings }), log });
}

/** The rendered pixels without the corner where time and lux stand. */
async function pixels(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).extract({ left: 0, top: 60, width: 1280, height: 660 }).removeAlpha().raw().toBuffer();
}

/** The share of bytes that differ clearly. */
function difference(a: Buffer, b: Buffer): number {
  let differing = 0;
  for (const [i, value] of a.entries()) if (Math.abs(value - (b[i] ?? 0)) > 8) differing++;
  return differing / a.length;
}

async function brightness(svg: string): Promise<number> {
  const { channels } = await sharp(Buffer.from(svg)).removeAlpha().stats();
  return channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length;
}

describe('the simulated camera', () => {
  it('draws a frame to look at live smaller, and of the same shape', async () => {
    const front = camera('front');
    await front.start();
    const never = new AbortController().signal;
    const sizes = [];
    for (const asked of [320, 4000]) {
      const { width, height } = await sharp((await front.frame(never, asked)).jpeg).metadata();
      sizes.push([width, height]);
    }
    await front.stop();
    assert.deepEqual(sizes, [
      [320, 180],
      [1280, 720],
    ]);
  });

  it('takes a JPEG of the size that was asked for, with lux and exposure', async () => {
    const front = camera('front', { width: 640, height: 480 });
    await front.start();
    const before = Date.now();
    const frame = await front.capture(new AbortController().signal);
    await front.stop();

    const { format, width, height } = await sharp(frame.jpeg).metadata();
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 640, height: 480 });
    assert.ok(frame.capturedAt >= before && frame.capturedAt <= Date.now());
    assert.ok(frame.lux !== undefined && frame.lux >= 0.1 && frame.lux <= 20_000, `lux ${frame.lux}`);
    assert.ok(Number(frame.metadata.ExposureTime) >= 60 && Number(frame.metadata.AnalogueGain) >= 1);
    assert.ok(weatherNames.some((name) => name === frame.metadata.weather));
  });

  it('gives up with the reason of the signal', async () => {
    const front = camera('front');
    await front.start();
    const reason = new Error('took too long');
    await assert.rejects(front.capture(AbortSignal.abort(reason)), reason);
    await front.stop();
  });

  it('says what to install when sharp is missing', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'sharp' imported from x.js"));
    const settings = simulatedSettings.parse({ type: 'simulated' });
    await assert.rejects(new SimulatedCamera({ name: 'front', settings, log, load }).start(), {
      code: 'camera_failed',
      message: /'front'.*npm install sharp/,
    });
  });

  it('is brighter at noon than at midnight, in the picture and in lux', async () => {
    for (const name of ['front', 'garden', 'garage', 'lake']) {
      const day = scene(noon, name, 320, 180, clear);
      const night = scene(midnight, name, 320, 180, clear);
      const [light, dark] = await Promise.all([brightness(day.svg), brightness(night.svg)]);
      assert.ok(light > 1.5 * dark, `${name}: ${light} at noon, ${dark} at midnight`);
      assert.ok(day.lux > 10_000 && night.lux < 1, `${name}: ${day.lux} lx at noon, ${night.lux} lx at midnight`);
    }
  });

  it('is darker in lux under clouds, darker still in rain', () => {
    const lux = (weather: 'clear' | 'overcast' | 'rain') =>
      scene(noon, 'front', 1280, 720, typicalWeather(weather)).lux;
    assert.ok(lux('clear') > 2 * lux('overcast'));
    assert.ok(lux('overcast') > lux('rain'));
  });

  it('shows something else ten seconds later, and another light six hours later', async () => {
    const at = (seconds: number) => scene(new Date(noon.getTime() + seconds * 1000), 'garden').svg;
    const [now, soon, later] = await Promise.all([0, 10, 6 * 3600].map((seconds) => pixels(at(seconds))));
    assert.ok(now !== undefined && soon !== undefined && later !== undefined);
    assert.ok(difference(now, soon) > 0.002, `${difference(now, soon)} of the picture changed in 10 s`);
    assert.ok(difference(now, later) > 0.3, `${difference(now, later)} of the picture changed in 6 h`);
  });

  it('shows the same picture for the same moment', () => {
    assert.equal(scene(noon, 'lake').svg, scene(noon, 'lake').svg);
  });

  it('gives each camera a place of its own', async () => {
    const names = ['front', 'garden', 'garage', 'lake'];
    const seen = await Promise.all(names.map((name) => pixels(scene(noon, name).svg)));
    for (const [i, one] of seen.entries()) {
      for (const other of seen.slice(i + 1)) assert.ok(difference(one, other) > 0.3, names[i]);
    }
  });

  it('draws every place in every weather as an SVG that renders', async () => {
    for (const name of ['front', 'garden', 'garage', 'lake']) {
      for (const weather of weatherNames) {
        const { svg } = scene(new Date(2026, 10, 20, 17, 0), name, 320, 180, typicalWeather(weather));
        assert.doesNotMatch(svg, /NaN|undefined|Infinity/, `${name} in ${weather}`);
        assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 320);
      }
    }
  });
});
