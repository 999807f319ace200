import type { Metric } from './prometheus-text';
import type { RedisMemory } from './redis-memory';

/** What is known of a camera; null where it is not, or where there is nothing to know. */
export interface CameraFacts {
  camera: string;
  images: number | null;
  pinned: number | null;
  bytes: number | null;
  imagesPerMinute: number | null;
  /** Mean time in seconds until those images expire that do. */
  meanTimeLeft: number | null;
  /** When the newest image was captured, in unix milliseconds. */
  newest: number | null;
  available: boolean | null;
  /** The kinds of warnings, and whether each is given now. */
  warnings: Record<string, boolean>;
}

/** What agent and gallery both tell Prometheus: of each camera, and of Redis' memory where that is known. */
export function cameraMetrics(cameras: readonly CameraFacts[], memory: RedisMemory | null): Metric[] {
  const gauge = (name: string, help: string, read: (facts: CameraFacts) => number | null): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: cameras.flatMap((facts) => {
      const value = read(facts);
      return value === null ? [] : [{ labels: { camera: facts.camera }, value }];
    }),
  });
  const single = (name: string, help: string, value: number | null): Metric => ({
    name,
    type: 'gauge',
    help,
    samples: value === null ? [] : [{ value }],
  });
  return [
    gauge('luxcam_images', 'Images in Redis.', ({ images }) => images),
    gauge('luxcam_pinned_images', 'Images that are kept for ever.', ({ pinned }) => pinned),
    gauge('luxcam_image_bytes', 'Bytes of all images, without what Redis adds.', ({ bytes }) => bytes),
    gauge(
      'luxcam_images_per_minute',
      'Images a minute in the last hours with images.',
      (facts) => facts.imagesPerMinute,
    ),
    gauge('luxcam_time_left_seconds', 'Mean time until those expire that do.', (facts) => facts.meanTimeLeft),
    gauge(
      'luxcam_newest_image_timestamp_seconds',
      'Capture time of the newest image, in unix seconds.',
      ({ newest }) => (newest === null ? null : newest / 1000),
    ),
    gauge('luxcam_camera_available', 'Whether the camera works (1) or not (0).', ({ available }) =>
      available === null ? null : Number(available),
    ),
    {
      name: 'luxcam_warning',
      type: 'gauge',
      help: 'Whether a warning of this kind is given now (1) or not (0).',
      samples: cameras.flatMap(({ camera, warnings }) =>
        Object.entries(warnings).map(([kind, given]) => ({ labels: { camera, kind }, value: Number(given) })),
      ),
    },
    single('luxcam_redis_memory_bytes', 'Memory that Redis uses.', memory?.used ?? null),
    single('luxcam_redis_memory_limit_bytes', "Redis' maxmemory, where it has one.", memory?.limit || null),
    single('luxcam_redis_room_bytes', 'Memory left up to that limit.', memory?.room ?? null),
  ];
}

/** Whether Redis answers, in the words of {@link cameraMetrics}. */
export function connectedMetric(server: 'redis' | 'broker', connected: boolean): Metric {
  const help = `Whether the ${server === 'redis' ? 'Redis' : 'MQTT broker'} answers (1) or not (0).`;
  return { name: `luxcam_${server}_connected`, type: 'gauge', help, samples: [{ value: Number(connected) }] };
}
