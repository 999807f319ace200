import type { Request, Response } from 'express';
import { type CameraFacts, cameraMetrics, connectedMetric } from '../core/camera-metrics';
import { indexFacts } from '../core/index-facts';
import { LuxcamError } from '../core/luxcam-error';
import { type Metric, prometheusContentType, prometheusText } from '../core/prometheus-text';
import { cameraNames } from './cameras-json';
import type { Gallery } from './gallery';
import { RecentStatistics } from './recent-statistics';

/** Answers a scrape of Prometheus. While Redis is away it tells that, and nothing of what lies there. */
export async function sendMetrics(gallery: Gallery, _request: Request, response: Response): Promise<void> {
  const body = prometheusText(await readMetrics(gallery));
  response
    .writeHead(200, {
      'Content-Type': prometheusContentType,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
}

async function readMetrics(gallery: Gallery): Promise<Metric[]> {
  const { store } = gallery;
  try {
    const { cameras, redis } = await RecentStatistics.of(store).ask({ hours: false });
    const sums = new Map(cameras.map((each) => [each.camera, each]));
    const facts = (await cameraNames(store)).map((camera) => cameraFacts(gallery, camera, sums.get(camera)));
    const memory = redis && { used: redis.used_memory, limit: redis.maxmemory, room: redis.room };
    return [connectedMetric('redis', true), ...cameraMetrics(await Promise.all(facts), memory)];
  } catch (error) {
    if (!(error instanceof LuxcamError) || error.code !== 'store_unavailable') throw error;
    return [connectedMetric('redis', false)];
  }
}

/** What needs each image to be read is up to a minute old; the number of images and the newest one are of this moment. */
async function cameraFacts({ store, control }: Gallery, camera: string, sums?: Sums): Promise<CameraFacts> {
  const { images, newest } = await indexFacts(store, camera);
  const warnings = control?.warnings?.(camera) ?? [];
  return {
    camera,
    images,
    newest,
    pinned: sums?.pinned ?? null,
    bytes: sums?.bytes ?? null,
    imagesPerMinute: sums?.images_per_minute ?? null,
    meanTimeLeft: sums?.mean_time_left ?? null,
    available: control?.available(camera) ?? null,
    warnings: Object.fromEntries(warnings.map(({ kind }) => [kind, true])),
  };
}

type Sums = Awaited<ReturnType<RecentStatistics['ask']>>['cameras'][number];
