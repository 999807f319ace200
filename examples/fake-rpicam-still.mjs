#!/usr/bin/env node
// A stand-in for rpicam-still, for machines without a Raspberry Pi camera. It understands the options that luxcam
// uses, takes its time, and fails as the real one does, for one picture and as a camera that stays on (--timeout 0
// --signal). Use it in luxcam.yaml:
//
//   source: { type: rpicam, program: ./examples/fake-rpicam-still.mjs }
//
// Environment variables change how it behaves:
//   FAKE_RPICAM_DELAY    milliseconds until the first frame (1500)
//   FAKE_RPICAM_LATENCY  milliseconds from a frame's exposure until it is handed out (66)
//   FAKE_RPICAM_LUX      the Lux of its metadata (268.31); "none" leaves it out
//   FAKE_RPICAM_CAMERAS  how many cameras there are (1)
//   FAKE_RPICAM_FAULT    at the start: no-camera | busy
//                        instead of a picture: hang (no further frame) | deaf (frames, but no picture) | crash
//                        of the picture's file: no-file | truncated | slow-file (in pieces, its metadata late)
import { appendFileSync, writeFileSync } from 'node:fs';
import { hrtime } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const known = {
  nopreview: { type: 'boolean', short: 'n' },
  camera: { type: 'string', default: '0' },
  timeout: { type: 'string', short: 't', default: '5000' },
  width: { type: 'string', default: '4608' },
  height: { type: 'string', default: '2592' },
  quality: { type: 'string', short: 'q', default: '93' },
  rotation: { type: 'string', default: '0' },
  thumb: { type: 'string', default: '320:240:70' },
  'autofocus-on-capture': { type: 'boolean' },
  'autofocus-mode': { type: 'string', default: 'default' },
  'lens-position': { type: 'string', default: '1' },
  shutter: { type: 'string', default: '29958' },
  gain: { type: 'string', default: '2' },
  ev: { type: 'string', default: '0' },
  exposure: { type: 'string', default: 'normal' },
  metering: { type: 'string', default: 'centre' },
  awb: { type: 'string', default: 'auto' },
  immediate: { type: 'boolean' },
  signal: { type: 'boolean', short: 's' },
  zsl: { type: 'boolean' },
  'info-text': { type: 'string', default: '' },
  output: { type: 'string', short: 'o' },
  metadata: { type: 'string' },
  'metadata-format': { type: 'string', default: 'json' },
  'list-cameras': { type: 'boolean' },
  version: { type: 'boolean' },
};

/** Milliseconds from one frame to the next. */
const frameTime = 33;

/** What the real program throws: said on standard error in its own frame, then exit code 255. */
class CameraError extends Error {}

async function main() {
  // The real one dies of this signal until its camera is open; without a handler Node would start its debugger.
  process.on('SIGUSR1', dieEarly);
  const options = readOptions();
  if (options.version) return console.log('rpicam-apps build: fake');
  const { FAKE_RPICAM_FAULT: fault, FAKE_RPICAM_DELAY: pause = '1500' } = process.env;
  if (options['list-cameras']) return listCameras(fault);
  openCamera(options, fault);
  await delay(Number(pause));
  if (options.timeout === '0' && options.signal) return stayOn(options, fault);
  if (!options.immediate && process.env.FAKE_RPICAM_DELAY === undefined) await delay(Number(options.timeout));
  await misbehave(fault);
  await capture(options, fault);
}

function dieEarly() {
  process.kill(process.pid, 'SIGKILL');
}

function listCameras(fault) {
  if (fault === 'no-camera') return console.log('No cameras available!');
  console.log('Available cameras\n-----------------');
  for (let camera = 0; camera < cameras(); camera += 1) console.log(`${camera} : fake [4608x2592]`);
}

function cameras() {
  return Number(process.env.FAKE_RPICAM_CAMERAS ?? 1);
}

/**
 * Hands out a frame every now and then, and saves the one after the frame that finds the signal. Signals that come
 * before it is saved are one. The line for each frame is left out for those around a picture.
 */
async function stayOn(options, fault) {
  let signalled = false;
  process.on('SIGUSR1', () => {
    signalled = true;
  });
  process.off('SIGUSR1', dieEarly);
  let wanted = false;
  for (let frame = 0; ; frame += 1) {
    await delay(frameTime);
    if (wanted) {
      wanted = false;
      await misbehave(fault);
      if (fault !== 'deaf') await capture(options, fault);
    } else if (signalled) {
      signalled = false;
      wanted = true;
    } else if (options['info-text'] !== '') {
      console.error(options['info-text'].replaceAll('%frame', frame));
    }
  }
}

async function misbehave(fault) {
  if (fault === 'hang') await new Promise(() => setInterval(() => {}, 60_000));
  if (fault === 'crash') process.kill(process.pid, 'SIGSEGV');
}

/** The image is written first, then what is known of it. */
async function capture(options, fault) {
  const latency = BigInt(process.env.FAKE_RPICAM_LATENCY ?? 66) * 1_000_000n;
  const metadata = describeFrame(options, hrtime.bigint() - latency);
  if (options.output === undefined) return;
  const image = await takeImage(options);
  await writeOutput(options.output, fault === 'truncated' ? image.subarray(0, image.length / 2) : image, fault);
  if (options.metadata !== undefined) await writeOutput(options.metadata, metadata, fault);
}

function readOptions() {
  try {
    return parseArgs({ options: known }).values;
  } catch {
    const unknown = process.argv
      .slice(2)
      .find((word) => word.startsWith('--') && !(word.slice(2).split('=')[0] in known));
    throw new CameraError(unknown ? `unrecognised option '${unknown}'` : 'the options are invalid');
  }
}

function openCamera({ camera, width, height, rotation }, fault) {
  console.error('[0:12:34.567890123] [4242]  INFO Camera camera_manager.cpp:330 libcamera v0.5.2+99-bfd68f78');
  if (fault === 'no-camera') throw new CameraError('no cameras available');
  if (Number(camera) >= cameras()) throw new CameraError('selected camera is not available');
  if (fault === 'busy') {
    console.error(
      '[0:12:34.678901234] [4242] ERROR V4L2 v4l2_device.cpp:390 Pipeline handler in use by another process',
    );
    throw new CameraError('failed to acquire camera /base/soc/i2c0mux/i2c@1/imx708@1a');
  }
  if (!['0', '180'].includes(rotation)) throw new CameraError('transforms requiring transpose not supported');
  if (width % 2 === 1 || height % 2 === 1) throw new CameraError('both width and height must be even');
}

async function takeImage({ width, height, quality, rotation, thumb }) {
  const { default: sharp } = await import('sharp');
  const scene = sharp(Buffer.from(draw(Number(width), Number(height)))).rotate(Number(rotation));
  const image = await scene
    .clone()
    .jpeg({ quality: Number(quality) })
    .toBuffer();
  if (thumb === 'none') return withExif(image);
  const [thumbWidth, thumbHeight, thumbQuality] = thumb.split(':').map(Number);
  const small = sharp(image).resize({ width: thumbWidth, height: thumbHeight, fit: 'fill' });
  return withExif(image, await small.jpeg({ quality: thumbQuality }).toBuffer());
}

/** A wall, a window and the time of day: enough to see that a picture is new, and which side is up. */
function draw(width, height) {
  const time = new Date().toLocaleTimeString('en-GB');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 1600 900" preserveAspectRatio="none">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#7fb0d8"/><stop offset="1" stop-color="#f3dcc0"/></linearGradient></defs>
    <rect width="1600" height="900" fill="#8a7f72"/><rect y="700" width="1600" height="200" fill="#5b4a3c"/>
    <rect x="200" y="120" width="620" height="460" fill="url(#sky)" stroke="#efe9e0" stroke-width="24"/>
    <path d="M510 120v460M200 350h620" stroke="#efe9e0" stroke-width="14"/>
    <text x="940" y="420" font-family="sans-serif" font-size="110" fill="#fff">${time}</text></svg>`;
}

/** Puts EXIF data in front: a directory with the orientation (upright), and one with the thumbnail where there is one. */
function withExif(jpeg, thumbnail) {
  const entry = (tag, type, value) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(1, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const number = (value, size) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntLE(value, 0, size);
    return bytes;
  };
  const second = thumbnail ? 26 : 0;
  const start = 26 + 2 + 3 * 12 + 4;
  const parts = ['Exif\0\0', 'II*\0\x08\0\0\0'].map((text) => Buffer.from(text, 'latin1'));
  parts.push(number(1, 2), entry(0x0112, 3, 1), number(second, 4));
  if (thumbnail) {
    parts.push(number(3, 2), entry(0x0103, 3, 6), entry(0x0201, 4, start), entry(0x0202, 4, thumbnail.length));
    parts.push(number(0, 4), thumbnail);
  }
  const content = Buffer.concat(parts);
  const header = Buffer.from([0xff, 0xe1, 0, 0]);
  header.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), header, content, jpeg.subarray(2)]);
}

/** What libcamera says of a frame. */
function describeFrame(options, exposedAt) {
  const { width, height, shutter, gain, 'lens-position': lens, 'metadata-format': format } = options;
  const lux = process.env.FAKE_RPICAM_LUX ?? '268.31';
  const frame = {
    SensorTimestamp: `${exposedAt}`,
    ExposureTime: shutter,
    FrameDuration: '33326',
    AnalogueGain: Number(gain).toFixed(6),
    DigitalGain: '1.000213',
    ColourTemperature: '4521',
    ColourGains: '[ 1.931200, 1.712300 ]',
    ...(lux === 'none' ? {} : { Lux: lux }),
    LensPosition: Number(lens).toFixed(6),
    FocusFoM: '1042',
    SensorBlackLevels: '[ 4096, 4096, 4096, 4096 ]',
    ScalerCrop: `(0, 0)/${width}x${height}`,
  };
  const quoted = (value) => (value.includes('/') ? `"${value}"` : value);
  const pairs = Object.entries(frame);
  if (format === 'txt') return `${pairs.map(([name, value]) => `${name}=${value}\n`).join('')}\n`;
  return `{${pairs.map(([name, value]) => `\n    "${name}": ${quoted(value)}`).join(',')}\n}`;
}

/** Writes to a file, or to standard output for `-`, and waits until it is written. */
async function writeOutput(file, content, fault) {
  if (file === '-') return new Promise((resolve) => process.stdout.write(content, resolve));
  try {
    if (fault === 'no-file') throw new Error('made to fail');
    if (fault === 'slow-file') return await writeSlowly(file, content);
    writeFileSync(file, content);
  } catch {
    throw new CameraError(`failed to open file ${file}`);
  }
}

async function writeSlowly(file, content) {
  writeFileSync(file, '');
  for (let begin = 0; begin < content.length; begin += content.length / 4) {
    appendFileSync(file, content.subarray(begin, begin + content.length / 4));
    await delay(100);
  }
}

main().catch((error) => {
  if (!(error instanceof CameraError)) throw error;
  console.error(`ERROR: *** ${error.message} ***`);
  process.exitCode = 255;
});
