import type { Logger } from 'pino';
import { offerLive } from '../../core/live-offers';
import { messageOf } from '../../core/luxcam-error';
import type { ConnectionState, RedisConnection } from '../../core/redis-connection';
import type { Frame } from '../cameras/camera';
import { LiveCamera } from './live-camera';
import type { LiveSettings } from './live-settings';

export interface LiveFramesParts {
  connection: RedisConnection;
  /** All cameras of the agent; those without settings are not to be seen live. */
  cameras: { name: string; settings: LiveSettings | undefined; takeFrame: (width: number) => Promise<Frame | null> }[];
  log: Logger;
}

/** The live frames of an agent's cameras. Readers find in Redis which of them there are. */
export class LiveFrames {
  private readonly parts: LiveFramesParts;
  private readonly cameras: LiveCamera[] = [];
  private readonly offer = (state: ConnectionState) => {
    if (state === 'ready') void this.offerCameras();
  };

  constructor(parts: LiveFramesParts) {
    this.parts = parts;
    const { connection, log } = parts;
    for (const { name, settings, takeFrame } of parts.cameras)
      if (settings !== undefined)
        this.cameras.push(new LiveCamera({ name, settings, connection, takeFrame, log: log.child({ camera: name }) }));
  }

  start(): void {
    // Each time, as Redis may have come back empty.
    this.parts.connection.on('state', this.offer);
    this.offer(this.parts.connection.state);
    for (const camera of this.cameras) camera.start();
  }

  stop(): void {
    this.parts.connection.off('state', this.offer);
    for (const camera of this.cameras) camera.stop();
  }

  private async offerCameras(): Promise<void> {
    const { connection, cameras, log } = this.parts;
    const offers = new Map(cameras.map(({ name, settings }) => [name, settings ?? null]));
    // An agent without live cameras may serve a Redis whose user knows nothing of them.
    await offerLive(connection, offers).catch((error: unknown) => log.warn(messageOf(error)));
  }
}
