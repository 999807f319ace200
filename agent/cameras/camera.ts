/** What a camera hands out: one picture and what the camera says of it. */
export interface Frame {
  jpeg: Buffer;
  /** Unix milliseconds, by this machine's clock. */
  capturedAt: number;
  /** Absent if the camera can't tell. */
  lux?: number;
  /** What the camera says of the picture: exposure, gain, ... It becomes part of the image's `meta`. */
  metadata: Record<string, string | number>;
}

/**
 * The port that every source of pictures implements. The constructor only keeps its arguments.
 * `capture` is never called again before the last call has settled, and never before `start` has.
 */
export interface Camera {
  /** Gets the camera ready. Throws a LuxcamError `camera_failed` that says what to do if it never can be. */
  start(): Promise<void>;
  /**
   * Takes one picture. Throws a LuxcamError (`camera_failed`) that says what happened and what to do;
   * when `signal` aborts it gives up at once, cleans up, and throws the signal's reason.
   */
  capture(signal: AbortSignal): Promise<Frame>;
  /**
   * Where the camera can give a frame to look at live while a capture is in flight, without one being in the other's way;
   * of `width` pixels, if it comes cheaper that way. Any frame will do, also one from before the call. Throws as
   * `capture` does. Without it live frames are captures in between, which give way to any other.
   */
  frame?(signal: AbortSignal, width: number): Promise<Frame>;
  /** Lets go of everything that `start` took. May be called again, and while `start` is under way. Never throws. */
  stop(): Promise<void>;
}
