import { randomBytes } from 'node:crypto';
import type { RedisClient } from '../../core/redis-connection';
import { jpegWithSegment } from './jpeg-with-exif';

/** A JPEG that differs from all others: the same picture with other bytes in a segment that no decoder reads. */
export function differentJpeg(jpeg: Buffer): Buffer {
  return jpegWithSegment(jpeg, randomBytes(64));
}

/** Stores an image as redis-pi-camera's capture.py does: fields, then the expiry, without a transaction. */
export async function storeAsPiCamera(
  client: RedisClient,
  seconds: number,
  bytes: Buffer,
  { expiry, lux, extra }: { expiry?: number; lux?: number; extra?: Record<string, string> } = {},
): Promise<string> {
  const key = `image:${seconds}`;
  const fields = { image_data: bytes, timestamp: `${seconds}`, mime_type: 'image/jpeg', ...extra };
  await Promise.all([
    client.hSet(key, lux === undefined ? fields : { ...fields, lux: `${lux}` }),
    ...(expiry === undefined ? [] : [client.expire(key, expiry)]),
  ]);
  return key;
}

/** Stores a frame as edge-video's RedisStore does: a string whose key counts the frames. */
export async function storeAsEdgeVideo(
  client: RedisClient,
  { vhost, prefix = 'frames', camera, nanoseconds, sequence }: EdgeVideoFrame,
  bytes: Buffer,
  expiry: number,
): Promise<string> {
  const key = `${vhost}:${prefix}:${camera}:${nanoseconds}:${`${sequence}`.padStart(5, '0')}`;
  await client.set(key, bytes, { expiration: { type: 'EX', value: expiry } });
  return key;
}

/** The same with the keys of before version 1.2. */
export async function storeAsOlderEdgeVideo(
  client: RedisClient,
  { vhost, camera, time, sequence }: { vhost: string; camera: string; time: string; sequence: number },
  bytes: Buffer,
  expiry: number,
): Promise<string> {
  const key = `frames:${vhost}:${camera}:${time}:${`${sequence}`.padStart(5, '0')}`;
  await client.set(key, bytes, { expiration: { type: 'EX', value: expiry } });
  return key;
}

interface EdgeVideoFrame {
  vhost: string;
  prefix?: string;
  camera: string;
  nanoseconds: bigint;
  sequence: number;
}
