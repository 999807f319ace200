import { type TriggerName, triggerNames } from './image';

/** The names of all keys in Redis, spelled here and nowhere else. See docs/redis.md for what lies in each. */
export class RedisKeys {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** Hash with an expiry: one image. */
  image(id: string): string {
    return `${this.prefix}image:${id}`;
  }

  /** Sorted set of a camera's image ids by capture time in unix milliseconds. */
  images(camera: string): string {
    return `${this.prefix}images:${camera}`;
  }

  /** The part of {@link images} that one kind of trigger started. */
  triggered(camera: string, trigger: TriggerName): string {
    return `${this.prefix}triggered:${camera}:${trigger}`;
  }

  /** Sorted set by lux of the ids whose images one kind of trigger started. An image without lux is in none. */
  lit(camera: string, trigger: TriggerName): string {
    return `${this.prefix}lit:${camera}:${trigger}`;
  }

  /** Sorted set of a camera's ids by hour, and within it by light (lux-hours.ts). An image without lux is not in it. */
  litByHour(camera: string): string {
    return `${this.prefix}lit_by_hour:${camera}`;
  }

  /** The part of {@link images} that is pinned. */
  pinned(camera: string): string {
    return `${this.prefix}pinned:${camera}`;
  }

  /** {@link images}, then all parts of it. */
  indexes(camera: string): string[] {
    return [
      this.images(camera),
      this.pinned(camera),
      this.litByHour(camera),
      ...triggerNames.flatMap((trigger) => [this.triggered(camera, trigger), this.lit(camera, trigger)]),
    ];
  }

  /** Set of the camera names seen. */
  cameras(): string {
    return `${this.prefix}cameras`;
  }

  /** Hash: the last sequence number of each camera. */
  sequences(): string {
    return `${this.prefix}sequences`;
  }

  /** Sorted set of the keys of an older program that were copied to a camera, by the time at which they expire. */
  adopted(camera: string): string {
    return `${this.prefix}adopted:${camera}`;
  }

  /** Hash: the names that the cameras of older programs got. */
  adoptedCameras(): string {
    return `${this.prefix}adopted_cameras`;
  }

  /** Hash with a short expiry: who copies the images of older programs. */
  adopter(): string {
    return `${this.prefix}adopter`;
  }

  /** Stream: the change feed. */
  events(): string {
    return `${this.prefix}events`;
  }

  /** Stream: a writer's announcements that the broker has not acknowledged yet. */
  outbox(writer: string): string {
    return `${this.prefix}outbox:${writer}`;
  }

  /** Hash with a short expiry: who is the agent of this name. */
  agent(name: string): string {
    return `${this.prefix}agent:${name}`;
  }

  /** Hash with a short expiry: whose turn it is to keep the indexes free of images that are gone. */
  trimmer(): string {
    return `${this.prefix}trimmer`;
  }

  /** Stream of one entry, with an expiry: a camera's newest live frame. */
  live(camera: string): string {
    return `${this.prefix}live:${camera}`;
  }

  /** String with an expiry: somebody looks at a camera live. */
  watched(camera: string): string {
    return `${this.prefix}watched:${camera}`;
  }

  /** Hash: what each camera that can be looked at live sends. */
  liveOffers(): string {
    return `${this.prefix}live`;
  }
}
