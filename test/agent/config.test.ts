import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Configuration, ConfigurationError, parseConfiguration } from '../../agent/config';
import { configurationFromEnvironment, readEnvironment } from '../../agent/environment';

const parse = (text: string): Configuration => parseConfiguration(text, 'luxcam.yaml');

function mistakes(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('luxcam.yaml', () => {
  it('needs a camera with a source, and has a default for everything else', () => {
    const { redis, mqtt, cameras } = parse('cameras:\n  front:\n    source: { type: simulated }\n');
    assert.deepEqual(redis, { url: 'redis://localhost:6379', prefix: '', cluster: false });
    assert.deepEqual(mqtt, {
      url: 'mqtt://localhost:1883',
      base: 'luxcam',
      discovery: 'homeassistant',
      protocol_version: 5,
    });
    assert.deepEqual([cameras.front?.ttl, cameras.front?.timeout, cameras.front?.triggers], [3_600_000, 10_000, []]);
  });

  it('reads durations, triggers and sources', () => {
    const { cameras } = parse(`
cameras:
  front:
    source: { type: ffmpeg, input: /dev/video0 }
    ttl: 7d
    triggers:
      - { type: timer, every: 100ms }
      - { type: button, gpio: 17 }
      - { type: pir, gpio: 27, cooldown: 20s, burst: 3 }
      - { type: gpio, name: sound, gpio: 22, edge: rising, debounce: 50ms, cooldown: 10s }
`);
    assert.equal(cameras.front?.ttl, 7 * 86_400_000);
    assert.deepEqual(
      cameras.front?.triggers.map((trigger) => ('cooldown' in trigger ? trigger.cooldown : trigger.every)),
      [100, 1000, 20_000, 10_000],
    );
  });

  it('has live frames where it says so, of a camera that stays on', () => {
    const live = (live: string, source = '{ type: simulated }') =>
      `cameras:\n  front:\n    source: ${source}\n    live: ${live}\n`;
    assert.equal(parse('cameras:\n  front:\n    source: { type: simulated }\n').cameras.front?.live, undefined);
    assert.deepEqual(parse(live('{}')).cameras.front?.live, { fps: 10, width: 640 });
    assert.deepEqual(parse(live('{ fps: 60, width: 1920 }')).cameras.front?.live, { fps: 60, width: 1920 });
    assert.match(mistakes(live('{ fps: 0.1 }'))[0] ?? '', /line 4, cameras.front.live.fps: .*0\.5/);
    assert.match(mistakes(live('{ width: 4000 }'))[0] ?? '', /line 4, cameras.front.live.width: .*1920/);
    assert.deepEqual(mistakes(live('{}', '{ type: rpicam, mode: one-shot }')), [
      "line 4, cameras.front.live: a camera that is off between captures can't be looked at live: give its source mode: warm",
    ]);
  });

  it('names every mistake by its line and path', () => {
    const found = mistakes(`redis:
  url: http://localhost
cameras:
  Front Door:
    source: { type: simulated }
  back:
    source: { type: webcam }
    ttl: 5 weeks
    tll: 5m
    triggers:
      - { type: timer, every: 10ms }
      - { type: button, gpio: 99 }
`);
    const places = found.map((mistake) => mistake.split(':')[0]);
    assert.deepEqual(places, [
      'line 2, redis.url',
      'line 4, cameras.Front Door',
      'line 7, cameras.back.source.type',
      'line 8, cameras.back.ttl',
      'line 11, cameras.back.triggers.0.every',
      'line 12, cameras.back.triggers.1.gpio',
      'line 9, cameras.back.tll',
    ]);
    assert.match(found[0] ?? '', /must look like redis:/);
    assert.match(found[2] ?? '', /choose one of rpicam, ffmpeg, http, folder, command, simulated/);
    assert.match(found[6] ?? '', /no such setting/);
  });

  it('lets a line trigger one thing alone, also in another camera', () => {
    const found = mistakes(`cameras:
  front:
    source: { type: simulated }
    triggers:
      - { type: button, gpio: 17 }
      - { type: timer, every: 1m }
  back:
    source: { type: simulated }
    triggers:
      - { type: pir, gpio: 27 }
      - type: gpio
        gpio: 17
`);
    assert.deepEqual(found, [
      'line 12, cameras.back.triggers.1.gpio: GPIO 17 is taken by cameras.front.triggers.0.gpio: choose another line',
    ]);
  });

  it('tells a value of the wrong kind from one that is missing', () => {
    const camera = 'cameras:\n  front:\n    source: { type: simulated }\n';
    assert.match(mistakes(`${camera}    ttl: 10\n`)[0] ?? '', /ttl: a duration is a number and one of/);
    const button = `${camera}    triggers: [{ type: button, gpio: "17" }]\n`;
    assert.match(mistakes(button)[0] ?? '', /gpio: .*expected number, received string/);
    assert.match(mistakes(`${camera}mqtt: { protocol_version: 3 }\n`)[0] ?? '', /expected 4.*expected 5/);
  });

  it('says where the YAML itself is broken, and what is missing', () => {
    assert.match(mistakes('cameras:\n  front: [\n')[0] ?? '', /^line \d/);
    assert.match(mistakes('')[0] ?? '', /cameras: it is missing/);
    assert.match(mistakes('cameras: {}\n')[0] ?? '', /add at least one/);
    assert.match(mistakes('cameras:\n  front:\n    ttl: 1h\n')[0] ?? '', /cameras\.front\.source/);
  });
});

describe('the environment of redis-pi-camera', () => {
  it('stands for a Pi camera named default', () => {
    const environment = readEnvironment(
      {
        REDIS_URL: 'redis://pi:6380',
        IMAGE_EXPIRY: '300',
        IMAGE_CAPTURE_FREQUENCY: '10',
        CAMERA_AUTOFOCUS: '1',
        SOUND_SENSOR_PIN: '22',
        SOUND_SENSOR_DEBOUNCE_MILLIS: '5000',
      },
      '/nonexistent',
    );
    const { redis, cameras } = configurationFromEnvironment(environment);
    const camera = cameras.default;
    assert.equal(redis.url, 'redis://pi:6380');
    assert.equal(camera?.ttl, 300_000);
    assert.ok(camera?.source.type === 'rpicam' && camera.source.autofocus);
    const [timer, sound] = camera?.triggers ?? [];
    assert.ok(timer?.type === 'timer' && timer.every === 10_000);
    assert.ok(sound?.type === 'gpio');
    assert.deepEqual(
      [sound.gpio, sound.name, sound.edge, sound.pull, sound.cooldown],
      [22, 'sound', 'rising', 'up', 5000],
    );
  });

  it('is read from .env too, and secrets from files of their own', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'luxcam-environment-'));
    try {
      writeFileSync(path.join(folder, 'secret'), 'redis://:s3cret@pi:6379\n');
      writeFileSync(
        path.join(folder, '.env'),
        `# as before\nIMAGE_EXPIRY="60" # seconds\nSOUND_SENSOR_PIN=4 # gpio\nREDIS_URL_FILE=${folder}/secret\n`,
      );
      const environment = readEnvironment({ IMAGE_EXPIRY: '90' }, path.join(folder, '.env'));
      const { IMAGE_EXPIRY, SOUND_SENSOR_PIN, REDIS_URL } = environment;
      assert.deepEqual([IMAGE_EXPIRY, SOUND_SENSOR_PIN, REDIS_URL], [90, 4, 'redis://:s3cret@pi:6379']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused with every mistake in words', () => {
    assert.throws(
      () => readEnvironment({ IMAGE_EXPIRY: 'soon', SOUND_SENSOR_PIN: '99' }, '/nonexistent'),
      /IMAGE_EXPIRY is a number of seconds\n.*SOUND_SENSOR_PIN is a BCM number/,
    );
  });
});
