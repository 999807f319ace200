import type { RedisConnection } from './redis-connection';

/** What a camera sends while somebody looks. */
export interface LiveOffer {
  /** Frames a second, at most. */
  fps: number;
  /** In pixels, at most. */
  width: number;
}

/** What stands in Redis of a camera that could be looked at live once, and can't any more. */
const withdrawn = 'null';

/**
 * Says of an agent's cameras whether they can be looked at live; null: this one can't, or no longer. Those that can count
 * as seen, so that they are known before their first image. Throws a LuxcamError `store_unavailable`.
 */
export async function offerLive(
  connection: RedisConnection,
  offers: ReadonlyMap<string, LiveOffer | null>,
): Promise<void> {
  const { keys } = connection;
  const before = await liveCameras(connection, [...offers.keys()]);
  const live = [...offers].flatMap(([camera, offer]) => (offer === null ? [] : [camera]));
  const changes = [...offers].filter(([camera, offer]) => offer !== null || before.has(camera));
  const fields = Object.fromEntries(
    changes.map(([camera, offer]) => [camera, offer === null ? withdrawn : JSON.stringify(offer)]),
  );
  try {
    if (changes.length > 0) await connection.run((client) => client.hSet(keys.liveOffers(), fields));
    if (live.length > 0) await connection.run((client) => client.sAdd(keys.cameras(), live));
  } catch (error) {
    throw connection.unavailable('Which cameras are live could not be told', error);
  }
}

/** Those of the cameras that can be looked at live. Throws a LuxcamError `store_unavailable`. */
export async function liveCameras(connection: RedisConnection, cameras: readonly string[]): Promise<Set<string>> {
  if (cameras.length === 0) return new Set();
  const key = connection.keys.liveOffers();
  try {
    const offers = await connection.run((client) => client.hmGet(key, [...cameras]));
    return new Set(cameras.filter((_, at) => ![undefined, null, withdrawn].includes(offers[at])));
  } catch (error) {
    throw connection.unavailable('Which cameras are live can not be read', error);
  }
}
