/** A frame to look at now. It is no image: it has no id, stands in no index, and is gone within seconds. */
export interface LiveFrame {
  /** Rises by one with each frame that is sent; where the sender has started anew it jumps ahead. */
  number: number;
  /** The number of the first frame of this run of the sender. */
  first: number;
  /** When it was taken: unix milliseconds, by Redis' clock. */
  capturedAt: number;
  jpeg: Buffer;
}

/** How long a frame lies in Redis, in milliseconds: a sender that dies leaves nothing behind. */
export const frameLife = 6000;

/** How long a camera counts as watched once a reader has said so, in milliseconds. */
export const watchedLife = 5000;
