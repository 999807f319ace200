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
    capture: (camera, transaction) =>
      broker.publish({
        topic: topics.capture(camera),
        payload: JSON.stringify({ transaction }),
        qos: 1,
        expiry: captureExpiry,
      }),
    available: (camera) => watch.available(camera),
    onAvailability(listener) {
      const told = new Map(watch.names().map((camera) => [camera, watch.available(camera)]));
      const changed = (camera: string) => {
        const available = watch.available(camera);
        if (available === null || available === told.get(camera)) return;
        told.set(camera, available);
        listener(camera, available);
      };
      watch.on('change', changed);
      return () => watch.off('change', changed);
    },
  };
}
