import { cameraNameSchema } from '../../core/image';
import { LuxcamError } from '../../core/luxcam-error';
import type { RedisClient, RedisConnection } from '../../core/redis-connection';
import { type OldKey, oldCamera } from './old-layouts';

export interface CameraNamesParts {
  /** Where luxcam's images lie. */
  connection: RedisConnection;
  /** The camera that redis-pi-camera's images get. */
  piCamera: string;
  /** Goes before the cameras' old names: says which Redis they lie in, if it is another one. */
  source: string;
  /** Whether the names are to be kept. */
  keep: boolean;
}

/**
 * Gives each camera of the older programs its name in luxcam, and two cameras never the same one. Which got which is
 * kept in Redis, so that it stays so when the command runs again.
 */
export class CameraNames {
  private readonly parts: CameraNamesParts;
  private names = new Map<string, string>();

  constructor(parts: CameraNamesParts) {
    this.parts = parts;
  }

  /** Reads the names given before. Throws a LuxcamError `invalid_request` if redis-pi-camera's is one of them. */
  async start(): Promise<void> {
    const { connection, piCamera } = this.parts;
    const names = await this.asked((client) => client.hGetAll(connection.keys.adoptedCameras()));
    this.names = new Map(Object.entries(names));
    const [other] = [...this.names].find(([, name]) => name === piCamera) ?? [];
    if (other === undefined) return;
    throw new LuxcamError(
      'invalid_request',
      `The images of ${other} were adopted as ${piCamera}: name another camera for those of redis-pi-camera (--camera)`,
    );
  }

  /** The name of the camera of an old key. */
  async find(old: OldKey): Promise<string> {
    const { connection, piCamera, source, keep } = this.parts;
    if (old.layout === 'redis-pi-camera') return piCamera;
    const id = source + oldCamera(old);
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const taken = new Set([...this.names.values(), piCamera]);
    const name = freeName(cameraNameOf(old.cameraId), taken);
    this.names.set(id, name);
    if (keep) await this.asked((client) => client.hSetNX(connection.keys.adoptedCameras(), id, name));
    return name;
  }

  private async asked<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.parts.connection.run(commands);
    } catch (error) {
      throw this.parts.connection.unavailable('The names of the cameras can not be read or kept', error);
    }
  }
}

/** What is nearest to a camera's old name among those that luxcam allows: `Câmera 01` becomes `camera_01`. */
export function cameraNameOf(cameraId: string): string {
  const name = cameraId
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/^[^a-z0-9]+|_+$/g, '')
    .slice(0, 64);
  return cameraNameSchema.safeParse(name).success ? name : 'camera';
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const ending = `_${number}`;
    const other = name.slice(0, 64 - ending.length) + ending;
    if (!taken.has(other)) return other;
  }
}
