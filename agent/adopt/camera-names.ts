import { cameraNameSchema } from '../../core/image';
import { LuxcamError } from '../../core/luxcam-error';
import type { RedisClient, RedisConnection } from '../../core/redis-connection';
import { type LayoutName, type OldKey, oldCamera } from './old-layouts';

export interface CameraNamesParts {
  /** Where luxcam's images lie. */
  connection: RedisConnection;
  /** The camera that redis-pi-camera's images shall get. If not given, the one they got before, or `default`. */
  piCamera?: string;
  /** Goes before the cameras' old names: says which Redis they lie in, if it is another one. */
  source: string;
  /** Whether the names are to be kept. */
  keep: boolean;
}

/** What stands for redis-pi-camera's only camera where the names are kept. */
const piCameraId: LayoutName = 'redis-pi-camera';

/**
 * Gives each camera of the older programs its name in luxcam, and two cameras never the same one. Which got which is
 * kept in Redis, so that it stays so when the command runs again.
 */
export class CameraNames {
  private readonly parts: CameraNamesParts;
  private names = new Map<string, string>();
  private piCamera = 'default';

  constructor(parts: CameraNamesParts) {
    this.parts = parts;
  }

  /**
   * Reads the names given before. Throws a LuxcamError `invalid_request` if the one asked for redis-pi-camera is that of
   * another camera, or if its images got another one before.
   */
  async start(): Promise<void> {
    const { connection, piCamera, source } = this.parts;
    const names = await this.asked((client) => client.hGetAll(connection.keys.adoptedCameras()));
    this.names = new Map(Object.entries(names));
    const kept = this.names.get(source + piCameraId);
    this.piCamera = piCamera ?? kept ?? this.piCamera;
    if (kept !== undefined && kept !== this.piCamera)
      throw new LuxcamError(
        'invalid_request',
        `${piCameraId}'s images were adopted as ${kept}: leave --camera out, or they would all come a second time`,
      );
    // Those of another Redis may join this camera.
    const isOther = (id: string) => id !== piCameraId && !id.endsWith(` ${piCameraId}`);
    const [other] = [...this.names].find(([id, name]) => name === this.piCamera && isOther(id)) ?? [];
    if (other === undefined) return;
    throw new LuxcamError(
      'invalid_request',
      `The images of ${other} were adopted as ${this.piCamera}: name another camera for those of redis-pi-camera (--camera)`,
    );
  }

  /** The name of the camera of an old key. */
  async find(old: OldKey): Promise<string> {
    const { connection, source, keep } = this.parts;
    const id = source + oldCamera(old);
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const taken = new Set([...this.names.values(), this.piCamera]);
    const name = old.layout === 'redis-pi-camera' ? this.piCamera : freeName(cameraNameOf(old.cameraId), taken);
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
