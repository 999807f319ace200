#!/usr/bin/env node
// A stand-in for rpicam-still, for machines without a Raspberry Pi camera. It understands the options that luxcam
// uses, takes its time, and fails as the real one does. Use it in luxcam.yaml:
//
//   source: { type: rpicam, program: ./examples/fake-rpicam-still.mjs }
//
// Environment variables change how it behaves:
//   FAKE_RPICAM_DELAY  milliseconds until the picture is taken (a cold start of 1500, then the --timeout)
//   FAKE_RPICAM_LUX    the Lux of its metadata (268.31); "none" leaves it out
//   FAKE_RPICAM_FAULT  no-camera | busy | hang | no-file | truncated | crash
import { writeFileSync } from 'node:fs';
import { hrtime } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

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
  immediate: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  metadata: { type: 'string' },
  'metadata-format': { type: 'string', default: 'json' },
  'list-cameras': { type: 'boolean' },
  version: { type: 'boolean' },
};

/** What the real program throws: said on standard error in its own frame, then exit code 255. */
class CameraError extends Error {}

async function main() {
  const options = readOptions();
  if (options.version) return console.log('rpicam-apps build: fake');
  const { FAKE_RPICAM_FAULT: fault, FAKE_RPICAM_DELAY: pause } = process.env;
  if (options['list-cameras'])
    return console.log(
      fault === 'no-camera' ? 'No cameras available!' : 'Available cameras\n-----------------\n0 : fake [4608x2592]',
    );
  openCamera(options, fault);
  await delay(Number(pause ?? 1500 + (options.immediate ? 0 : Number(options.timeout))));
  if (fault === 'hang') await new Promise(() => setInterval(() => {}, 60_000));
  if (fault === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (options.output === undefined) return;
  const image = await takeImage(options);
  await writeOutput(options.output, fault === 'truncated' ? image.subarray(0, image.length / 2) : image, fault);
  if (options.metadata !== undefined) await writeOutput(options.metadata, describeFrame(options), fault);
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
  if (camera !== '0') throw new CameraError('selected camera is not available');
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
function describeFrame({ width, height, 'metadata-format': format }) {
  const lux = process.env.FAKE_RPICAM_LUX ?? '268.31';
  const frame = {
    SensorTimestamp: String(hrtime.bigint()),
    ExposureTime: '29958',
    FrameDuration: '33326',
    AnalogueGain: '2.000000',
    DigitalGain: '1.000213',
    ColourTemperature: '4521',
    ColourGains: '[ 1.931200, 1.712300 ]',
    ...(lux === 'none' ? {} : { Lux: lux }),
    LensPosition: '1.000000',
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
    writeFileSync(file, content);
  } catch {
    throw new CameraError(`failed to open file ${file}`);
  }
}

main().catch((error) => {
  if (!(error instanceof CameraError)) throw error;
  console.error(`ERROR: *** ${error.message} ***`);
  process.exitCode = 255;
});
