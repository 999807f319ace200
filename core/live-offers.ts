import { cameraNameSchema } from './image';
import type { RedisConnection } from './redis-connection';

/** What a camera sends while somebody looks. */
export interface LiveOffer {
  /** Frames a second, at most. */
  fps: number;
  /** In pixels, at most. */
  width: number;
}

/**
 * Says of an agent's cameras whether they can be looked at live; null: this one can't, or no longer.
 * Throws a LuxcamError `store_unavailable`.
 */
export async function offerLive(
  connection: RedisConnection,
  offers: ReadonlyMap<string, LiveOffer | null>,
): Promise<void> {
  const key = connection.keys.liveOffers();
  try {
    const changes = [...offers].map(([camera, offer]) =>
      connection.run((client) =>
        offer === null ? client.hDel(key, camera) : client.hSet(key, camera, JSON.stringify(offer)),
      ),
    );
    await Promise.all(changes);
  } catch (error) {
    throw connection.unavailable('Which cameras are live could not be told', error);
  }
}

/** The names of the cameras that can be looked at live. Throws a LuxcamError `store_unavailable`. */
export async function liveCameras(connection: RedisConnection): Promise<Set<string>> {
  const key = connection.keys.liveOffers();
  try {
    const names = await connection.run((client) => client.hKeys(key));
    return new Set(names.filter((name) => cameraNameSchema.safeParse(name).success));
  } catch (error) {
    throw connection.unavailable('Which cameras are live can not be read', error);
  }
}

/** Whether a camera can be looked at live. Throws a LuxcamError `store_unavailable`. */
export async function isLive(connection: RedisConnection, camera: string): Promise<boolean> {
  const key = connection.keys.liveOffers();
  try {
    return (await connection.run((client) => client.hExists(key, camera))) === 1;
  } catch (error) {
    throw connection.unavailable(`Whether ${camera} is live can not be read`, error);
  }
}
