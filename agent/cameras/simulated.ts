import type { Logger } from 'pino';
import type Sharp from 'sharp';
import { z } from 'zod';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import type { Camera, Frame } from './camera';
import { grain } from './scene/grain';
import { scene } from './scene/scene';

/** The settings of a simulated camera; `width` and `height` in pixels, `quality` that of the JPEG. */
export const simulatedSettings = z.strictObject({
  type: z.literal('simulated'),
  width: z.int().min(160).max(3840).default(1280),
  height: z.int().min(90).max(2160).default(720),
  quality: z.int().min(1).max(100).default(85),
});
export type SimulatedSettings = z.infer<typeof simulatedSettings>;

/**
 * A camera for machines that have none: it looks at a drawn place whose light, weather and passers-by change with the
 * time of day. Its name decides what it looks at: `front`, `garden`, `garage` and `lake` are places, any other name gets one.
 */
export class SimulatedCamera implements Camera {
  private readonly name: string;
  private readonly settings: SimulatedSettings;
  private readonly log: Logger;
  private readonly load: () => Promise<{ default: typeof Sharp }>;
  private sharp: typeof Sharp | undefined;

  /** `load` gets sharp, an optional dependency. */
  constructor({
    name,
    settings,
    log,
    load = () => import('sharp'),
  }: {
    name: string;
    settings: SimulatedSettings;
    log: Logger;
    load?: () => Promise<{ default: typeof Sharp }>;
  }) {
    this.name = name;
    this.settings = settings;
    this.log = log;
    this.load = load;
  }

  async start(): Promise<void> {
    try {
      this.sharp = (await this.load()).default;
    } catch (error) {
      throw new LuxcamError(
        'camera_failed',
        `The simulated camera '${this.name}' draws with the package 'sharp', which can't be loaded (${messageOf(error).split('\n')[0]}). Install it: npm install sharp`,
        { cause: error },
      );
    }
    this.log.debug({ camera: this.name }, 'simulated camera ready');
  }

  capture(signal: AbortSignal): Promise<Frame> {
    return this.draw(signal, this.settings);
  }

  /** Drawn small from the start: that takes half the time of a whole picture. */
  frame(signal: AbortSignal, width: number): Promise<Frame> {
    const scale = Math.min(1, width / this.settings.width);
    const shape = { width: this.settings.width * scale, height: this.settings.height * scale };
    return this.draw(signal, { width: Math.round(shape.width), height: Math.round(shape.height), quality: 75 });
  }

  async stop(): Promise<void> {
    this.sharp = undefined;
  }

  private async draw(signal: AbortSignal, shape: Omit<SimulatedSettings, 'type'>): Promise<Frame> {
    signal.throwIfAborted();
    if (this.sharp === undefined) throw new LuxcamError('camera_failed', `The camera '${this.name}' is not started.`);
    const { width, height, quality } = shape;
    const capturedAt = Date.now();
    const { svg, lux, weather } = scene(new Date(capturedAt), this.name, width, height);
    const { exposureTime, gain } = exposure(lux);

    const { data, info } = await this.sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    signal.throwIfAborted();
    grain(data, info.channels, gain, capturedAt);
    const { channels } = info;
    const jpeg = await this.sharp(data, { raw: { width, height, channels } }).jpeg({ quality }).toBuffer();
    signal.throwIfAborted();

    return { jpeg, capturedAt, lux, metadata: { ExposureTime: exposureTime, AnalogueGain: gain, weather } };
  }
}

/** What the automatic exposure of a small camera chooses: microseconds, then, at its longest, gain. */
function exposure(lux: number): { exposureTime: number; gain: number } {
  const needed = 4_000_000 / lux;
  const exposureTime = Math.round(Math.min(66_666, Math.max(60, needed)));
  return { exposureTime, gain: Math.round(Math.min(16, Math.max(1, needed / exposureTime)) * 100) / 100 };
}
