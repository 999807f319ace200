/**
 * Deals with one image at a time. Of each camera at most one more waits: a newer one takes its place, so that
 * the work stays bounded however fast images come.
 */
export class LatestOnly {
  private readonly waiting: Map<string, string>;
  private readonly onImage: (id: string) => Promise<void>;
  private readonly signal: AbortSignal;
  private busy = false;

  /** `waiting` holds the id of an image by camera. Whoever keeps it can go on after a stop where this one was. */
  constructor(waiting: Map<string, string>, onImage: (id: string) => Promise<void>, signal: AbortSignal) {
    this.waiting = waiting;
    this.onImage = onImage;
    this.signal = signal;
  }

  /** Takes an image in hand now, or when those before it are done. */
  offer(camera: string, id: string): void {
    this.waiting.set(camera, id);
    this.start();
  }

  /** Begins with what waits. `onImage` must not reject. */
  start(): void {
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (const [camera, id] of this.waiting) {
      await this.onImage(id);
      if (this.signal.aborted) return;
      const newer = this.waiting.get(camera);
      this.waiting.delete(camera);
      // Behind the other cameras, so that a fast one does not keep them waiting for ever.
      if (newer !== undefined && newer !== id) this.waiting.set(camera, newer);
    }
    this.busy = false;
  }
}
