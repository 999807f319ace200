import { LuxcamError } from '../core/luxcam-error';
import type { Topics } from '../core/topics';
import type { CameraWatch } from './camera-watch';
import type { CameraControl } from './gallery';

/** A connection to an MQTT broker, as far as the gallery needs one. */
export interface CameraBroker {
  /** Hears a topic (wildcards allowed) from now on, through lost connections. */
  subscribe(topic: string, listener: (topic: string, payload: Buffer) => void): void;
  /** Resolves when the broker has taken the message; `expiry` is in seconds. Rejects if the broker is away. */
  publish(message: { topic: string; payload: string; qos: 0 | 1; expiry?: number }): Promise<void>;
}

/** How long a capture asked for in the gallery waits for its agent, in seconds. */
const captureExpiry = 10;

/** The gallery's way to the cameras, over a broker. */
export function cameraControl(broker: CameraBroker, watch: CameraWatch, topics: Topics): CameraControl {
  return {
    async capture(camera, transaction) {
      // A camera that is offline itself is asked all the same: only another attempt shows that it works again.
      const absence = watch.absence(camera);
      if (absence?.what === 'agent')
        throw new LuxcamError(
          'camera_failed',
          `${camera} can't be asked: its agent ${absence.name} is offline, start it`,
        );
      const payload = JSON.stringify({ transaction });
      await broker.publish({ topic: topics.capture(camera), payload, qos: 1, expiry: captureExpiry });
    },
    available: (camera) => watch.available(camera),
    warnings: (camera) => watch.warnings(camera),
    onAvailability(listener) {
      const known = (camera: string) => JSON.stringify([watch.available(camera), watch.warnings(camera)]);
      const told = new Map(watch.names().map((camera) => [camera, known(camera)]));
      const changed = (camera: string) => {
        const available = watch.available(camera);
        if (available === null || known(camera) === told.get(camera)) return;
        told.set(camera, known(camera));
        listener(camera, available);
      };
      watch.on('change', changed);
      return () => watch.off('change', changed);
    },
  };
}
