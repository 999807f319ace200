import type { RedisImageStore } from '../core/redis-image-store';

/** How much memory the bytes kept may take, and how much of it a single image. */
const mostBytes = 16 * 1024 * 1024;
const largestImage = 4 * 1024 * 1024;

/** The bytes of an image or of its thumbnail, with their type. */
export interface ImageBytes {
  /** Of the image, also for its thumbnail: tells whether they still belong to what lies in Redis. */
  sha256: string;
  mimeType: string;
  bytes: Buffer;
}

const all = new WeakMap<RedisImageStore, RecentImages>();

/**
 * The bytes that were sent last. All who look at a gallery ask for a new image at the same time, and fetching its bytes
 * from Redis is most of the work. Whether the image is still there, Redis is asked each time.
 */
export class RecentImages {
  private readonly kept = new Map<string, ImageBytes>();
  private size = 0;

  /** The one collection of a store's recent images. */
  static of(store: RedisImageStore): RecentImages {
    const images = all.get(store) ?? new RecentImages();
    all.set(store, images);
    return images;
  }

  find(name: string): ImageBytes | undefined {
    return this.kept.get(name);
  }

  keep(name: string, image: ImageBytes): void {
    if (image.bytes.length > largestImage) return;
    this.forget(name);
    this.kept.set(name, image);
    this.size += image.bytes.length;
    for (const oldest of this.kept.keys()) {
      if (this.size <= mostBytes) return;
      this.forget(oldest);
    }
  }

  private forget(name: string): void {
    this.size -= this.kept.get(name)?.bytes.length ?? 0;
    this.kept.delete(name);
  }
}
