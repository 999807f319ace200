import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../cameras/system-program';

/** A camera that was found, and how `source` in the configuration is to name it. */
export interface FoundCamera {
  source: string;
  /** What it is called. */
  about: string;
}

/** Decoders, scalers and raw sensors of the Raspberry Pi, which also show as video devices. */
const noCameras = /^(bcm2835|rpi|unicam|rp1|pispbe|stateless)/i;

/** Raspberry Pi cameras by what `rpicam-still` says, then others (USB) by what the kernel says. Finds what it can. */
export async function findCameras(sysfs = '/sys/class/video4linux'): Promise<FoundCamera[]> {
  return [...(await findPiCameras()), ...(await findVideoDevices(sysfs))];
}

async function findPiCameras(): Promise<FoundCamera[]> {
  const program = await findProgram(['rpicam-still', 'libcamera-still']);
  if (program === undefined) return [];
  const said = await promisify(execFile)(program, ['--list-cameras'], { timeout: 15_000 }).catch(() => ({
    stdout: '',
  }));
  return [...said.stdout.matchAll(/^\s*(\d+) : (\S+) \[/gm)].map(([, number = '0', about = '']) => ({
    source: number === '0' ? '{ type: rpicam }' : `{ type: rpicam, camera: ${number} }`,
    about,
  }));
}

async function findVideoDevices(sysfs: string): Promise<FoundCamera[]> {
  const found: FoundCamera[] = [];
  for (const device of (await readdir(sysfs).catch(() => [])).sort()) {
    const about = await readText(path.join(sysfs, device, 'name'));
    // A webcam's second device carries only metadata.
    const index = await readText(path.join(sysfs, device, 'index'));
    if (!device.startsWith('video') || index !== '0' || noCameras.test(about)) continue;
    found.push({ source: `{ type: ffmpeg, input: /dev/${device} }`, about: about.replace(/[^\x20-\x7e]/g, '') });
  }
  return found;
}

async function readText(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}
