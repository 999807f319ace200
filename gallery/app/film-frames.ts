/** How many seconds are fetched ahead, and the bounds of that in images. */
const secondsAhead = 2;
const leastAhead = 6;
const mostAhead = 60;
/** How many are decoded ahead: decoded, a picture takes twenty times the memory. */
const decodedAhead = 3;
/** How many requests are under way at the same time: browsers open six connections to a server. */
const parallel = 4;

/** The pictures of a film, fetched ahead of where it stands. */
export class FilmFrames {
  private readonly urls: readonly string[];
  private readonly fetched = new Map<number, Promise<Blob | null>>();
  private readonly decoded = new Map<number, Promise<ImageBitmap | null>>();
  private readonly abort = new AbortController();
  private running = 0;
  private next = 0;
  private end = 0;

  /** Of the pictures at these addresses, in the film's order. */
  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  /** The film stands at this picture and runs at so many a second: fetches what comes, forgets what is far. */
  standAt(at: number, perSecond: number): void {
    const ahead = Math.max(leastAhead, Math.min(mostAhead, Math.ceil(perSecond * secondsAhead)));
    this.end = Math.min(this.urls.length, at + ahead);
    for (const index of [...this.fetched.keys()]) if (index < at || index > this.end) this.fetched.delete(index);
    for (const index of [...this.decoded.keys()]) {
      if (index >= at && index <= at + decodedAhead) continue;
      void this.decoded.get(index)?.then((picture) => picture?.close());
      this.decoded.delete(index);
    }
    this.next = at;
    this.fetchOn();
    for (let index = at; index < Math.min(this.urls.length, at + decodedAhead); index++) void this.picture(index);
  }

  /** A picture, decoded; null if it has gone. */
  picture(at: number): Promise<ImageBitmap | null> {
    const known = this.decoded.get(at);
    if (known !== undefined) return known;
    const picture = this.bytes(at)
      .then((blob) => blob && createImageBitmap(blob))
      // Bytes that are no picture are passed over like one that has gone.
      .catch(() => null);
    this.decoded.set(at, picture);
    return picture;
  }

  /** Ends all requests. */
  stop(): void {
    this.abort.abort();
    for (const picture of this.decoded.values()) void picture.then((bitmap) => bitmap?.close());
  }

  private fetchOn(): void {
    while (this.running < parallel && this.next < this.end) {
      const at = this.next++;
      if (this.fetched.has(at)) continue;
      this.running++;
      void this.bytes(at).finally(() => {
        this.running--;
        this.fetchOn();
      });
    }
  }

  private bytes(at: number): Promise<Blob | null> {
    const known = this.fetched.get(at);
    if (known !== undefined) return known;
    const bytes = fetch(this.urls[at] ?? '', { signal: this.abort.signal })
      .then((response) => (response.ok ? response.blob() : null))
      // No answer: the film goes on with the next, and the page's own line says that the connection is lost.
      .catch(() => null);
    this.fetched.set(at, bytes);
    return bytes;
  }
}
