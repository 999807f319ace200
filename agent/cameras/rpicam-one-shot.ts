import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { readImage } from '../../core/image-format';
import { messageOf } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';
import { makePrivateFolder } from './private-folder';
import { runProgram } from './program';
import { readRpicamMetadata } from './rpicam-metadata';
import { findRpicam, rpicamEnded, rpicamFailed } from './rpicam-program';
import { oneShotArguments, type RpicamSettings } from './rpicam-settings';

/** A Raspberry Pi camera that is off between captures: the camera program is run for each. */
export class RpicamOneShotCamera implements Camera {
  private readonly name: string;
  private readonly settings: RpicamSettings;
  private program = '';

  constructor({ name, settings }: { name: string; settings: RpicamSettings }) {
    this.name = name;
    this.settings = settings;
  }

  async start(): Promise<void> {
    this.program = await findRpicam(this.name, this.settings);
  }

  async capture(signal: AbortSignal): Promise<Frame> {
    const folder = await makePrivateFolder();
    try {
      const metadataFile = path.join(folder, 'metadata.txt');
      const args = oneShotArguments(this.settings, metadataFile);
      const { output: jpeg, words, failure } = await runProgram(this.program, args, signal, folder);
      const capturedAt = Date.now();
      if (failure !== undefined) throw rpicamEnded(this.name, words, failure);
      this.check(jpeg);
      const { lux, metadata } = readRpicamMetadata(await readMetadataFile(metadataFile));
      return { jpeg, capturedAt, lux, metadata };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async stop(): Promise<void> {}

  private check(jpeg: Buffer): void {
    try {
      readImage(jpeg);
    } catch (error) {
      throw rpicamFailed(this.name, `wrote no usable image: ${messageOf(error)}`, error);
    }
  }
}

/** The file is absent if the program is too old to write it: then there is nothing to say of the picture. */
async function readMetadataFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
