import type { Warning } from '../core/messages';
import type { RedisImageStore } from '../core/redis-image-store';

/** What the owner lets people do in the gallery. Everything is off by default. */
export interface Permissions {
  capture: boolean;
  pin: boolean;
  delete: boolean;
}

/** The gallery's way to the cameras, where there is a broker. */
export interface CameraControl {
  /** Asks a camera for a picture; its announcement will carry the transaction. Rejects if the broker is away. */
  capture(camera: string, transaction: string): Promise<void>;
  /** Whether a camera and its agent are online; null if nothing is known of it. */
  available(camera: string): boolean | null;
  /** What the camera's agent warns of. */
  warnings?(camera: string): Warning[];
  /** Calls back whenever a camera's availability or warnings change, until the returned function is called. */
  onAvailability(listener: (camera: string, available: boolean) => void): () => void;
}

/** All that the gallery's router serves from. */
export interface Gallery {
  store: RedisImageStore;
  permissions: Permissions;
  control: CameraControl | null;
  /** Is told, in words, of what should never happen. Without it Node prints a warning. */
  onProblem?: (problem: string) => void;
}

/** Tells the gallery's owner of a mistake in the program: visitors only learn that there was one. */
export function reportProblem(gallery: Gallery | undefined, error: unknown): void {
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (gallery?.onProblem) gallery.onProblem(problem);
  else process.emitWarning(problem, 'GalleryWarning');
}
