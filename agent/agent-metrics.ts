import { cameraMetrics, connectedMetric } from '../core/camera-metrics';
import { type IndexFacts, indexFacts } from '../core/index-facts';
import type { ErrorCode } from '../core/luxcam-error';
import type { Metric, MetricType, Sample } from '../core/prometheus-text';
import type { RedisImageStore } from '../core/redis-image-store';
import type { BrokerConnection } from './broker-connection';
import type { CaptureService } from './capture-service';
import type { ImageKeeper } from './image-keeper';
import type { StoreWatch } from './store-watch';
import type { CameraWarnings } from './warnings';
import { within } from './within';

/** How long Redis may take to tell what it is asked at each scrape, in milliseconds. */
const patience = 1000;

/** Why a capture can fail: each is told from the start, so that the first failure shows as an increase. */
const failureCodes: readonly ErrorCode[] = ['camera_busy', 'camera_failed', 'camera_timeout', 'store_unavailable'];

/** A camera at work. */
export interface WatchedCamera {
  service: CaptureService;
  keeper: ImageKeeper;
  warnings: CameraWarnings;
}

export interface AgentMetricsParts {
  cameras: readonly WatchedCamera[];
  store: RedisImageStore;
  watch: StoreWatch;
  broker: BrokerConnection;
}

/** What the agent tells Prometheus: docs/monitoring.md. */
export async function agentMetrics({ cameras, store, watch, broker }: AgentMetricsParts): Promise<Metric[]> {
  const ofCameras = (
    name: string,
    type: MetricType,
    help: string,
    read: (camera: WatchedCamera, labels: { camera: string }) => Sample[] | number | null,
  ): Metric => ({
    name,
    type,
    help,
    samples: cameras.flatMap((camera) => {
      const labels = { camera: camera.service.name };
      const value = read(camera, labels);
      if (typeof value === 'number') return [{ labels, value }];
      return value ?? [];
    }),
  });
  const indexes = await Promise.all(cameras.map(({ service }) => askIndex(store, service.name)));
  const facts = cameras.map(({ service, warnings }, at) => {
    const stored = watch.of(service.name);
    const { images, newest } = indexes[at] ?? stored ?? { images: null, newest: null };
    return {
      camera: service.name,
      images,
      pinned: stored?.pinned ?? null,
      bytes: stored?.bytes ?? null,
      imagesPerMinute: stored?.imagesPerMinute ?? null,
      meanTimeLeft: stored?.meanTimeLeft == null ? null : stored.meanTimeLeft / 1000,
      newest,
      available: service.available,
      warnings: warnings.kinds,
    };
  });
  return [
    connectedMetric('redis', store.connection.state === 'ready'),
    connectedMetric('broker', broker.connected),
    ofCameras('luxcam_captures_total', 'counter', 'Pictures taken.', ({ service }) => service.captures),
    ofCameras('luxcam_capture_failures_total', 'counter', 'Captures that failed, by code.', ({ service }, labels) =>
      [...new Set([...failureCodes, ...service.failuresByCode.keys()])].map((code) => ({
        labels: { ...labels, code },
        value: service.failuresByCode.get(code) ?? 0,
      })),
    ),
    ofCameras(
      'luxcam_capture_duration_seconds',
      'histogram',
      'From the trigger until the image was stored.',
      ({ service }, labels) => service.durations.samples(labels),
    ),
    ofCameras('luxcam_last_capture_timestamp_seconds', 'gauge', 'Last picture, in unix seconds.', ({ service }) =>
      service.lastCapture === null ? null : service.lastCapture.capturedAt / 1000,
    ),
    ofCameras('luxcam_spooled_images', 'gauge', 'Images that wait on disk.', ({ keeper }) => keeper.waiting),
    ofCameras('luxcam_spool_bytes', 'gauge', 'Bytes of the images on disk.', ({ keeper }) => keeper.waitingBytes),
    ofCameras('luxcam_dropped_images_total', 'counter', 'Dropped for want of room.', ({ keeper }) => keeper.dropped),
    { name: 'luxcam_outbox_waiting', type: 'gauge', help: 'Announcements to be made.', samples: await outbox(store) },
    ...cameraMetrics(facts, watch.memory),
    ...processMetrics(),
  ];
}

/** Undefined where Redis does not tell. */
async function askIndex(store: RedisImageStore, camera: string): Promise<IndexFacts | undefined> {
  if (store.connection.state !== 'ready') return undefined;
  return await within(
    patience,
    indexFacts(store, camera).catch(() => undefined),
  );
}

/** Nothing where Redis does not tell. */
async function outbox(store: RedisImageStore): Promise<Sample[]> {
  if (store.connection.state !== 'ready') return [];
  const value = await within(
    patience,
    store.waiting().catch(() => undefined),
  );
  return value === undefined ? [] : [{ value }];
}

/** By the names that Prometheus' own libraries use. */
function processMetrics(): Metric[] {
  const metric = (name: string, type: MetricType, help: string, value: number): Metric => ({
    name: `process_${name}`,
    type,
    help,
    samples: [{ value }],
  });
  const { user, system } = process.cpuUsage();
  return [
    metric('resident_memory_bytes', 'gauge', "The agent's memory.", process.memoryUsage.rss()),
    metric('cpu_seconds_total', 'counter', "The agent's processor time.", (user + system) / 1e6),
    metric('start_time_seconds', 'gauge', 'When the agent was started.', Date.now() / 1000 - process.uptime()),
  ];
}
