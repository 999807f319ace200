import type { LiveFrame } from '../core/live-frame';
import { liveCameras } from '../core/live-offers';
import { LuxcamError } from '../core/luxcam-error';
import { FollowedCamera } from './followed-camera';
import type { Gallery } from './gallery';

const all = new WeakMap<Gallery, LiveCameras>();

/** The cameras of a gallery that somebody looks at live: each is followed once, however many visitors there are. */
export class LiveCameras {
  private readonly gallery: Gallery;
  private readonly followed = new Map<string, FollowedCamera>();
  private stopped = false;

  private constructor(gallery: Gallery) {
    this.gallery = gallery;
  }

  /** Those of a gallery. */
  static of(gallery: Gallery): LiveCameras {
    const cameras = all.get(gallery) ?? new LiveCameras(gallery);
    all.set(gallery, cameras);
    return cameras;
  }

  /**
   * A camera's newest frame, as soon as its number is above `after`. Rejects with an AbortError when the signal aborts, and
   * with a LuxcamError: `not_found` for a camera that is not live, or `store_unavailable`.
   */
  async next(camera: string, after: number, signal: AbortSignal): Promise<LiveFrame> {
    const { connection } = this.gallery.store;
    if (this.stopped)
      throw new LuxcamError('store_unavailable', 'The gallery is being deployed: try again in a moment');
    // Only cameras that there are: each one followed is a connection to Redis.
    if (!this.followed.has(camera) && !(await liveCameras(connection, [camera])).has(camera))
      throw new LuxcamError(
        'not_found',
        `${camera} can't be looked at live. Its agent offers that where its configuration has 'live' for the camera`,
      );
    return await this.follow(camera).next(after, signal);
  }

  /** Follows no camera any more, for example because the gallery is no more. */
  stop(): void {
    this.stopped = true;
    for (const camera of [...this.followed.values()]) camera.stop();
  }

  private follow(camera: string): FollowedCamera {
    const known = this.followed.get(camera);
    if (known !== undefined) return known;
    const { connection } = this.gallery.store;
    const followed: FollowedCamera = new FollowedCamera(connection, camera, () => {
      if (this.followed.get(camera) === followed) this.followed.delete(camera);
    });
    this.followed.set(camera, followed);
    followed.start();
    return followed;
  }
}
