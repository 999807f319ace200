import type { Logger } from 'pino';
import type { CameraStatistics } from '../core/image-statistics';
import type { RedisImageStore } from '../core/redis-image-store';
import type { RedisMemory } from '../core/redis-memory';
import { agentMetrics, type WatchedCamera } from './agent-metrics';
import type { BrokerConnection } from './broker-connection';
import type { CaptureService } from './capture-service';
import type { Configuration } from './config';
import type { ImageKeeper } from './image-keeper';
import { MetricsServer } from './metrics-server';
import type { RunTimeSettings } from './run-time-settings';
import { StoreWatch } from './store-watch';
import { CameraWarnings, MemoryWarning } from './warnings';

export interface MonitoringParts {
  configuration: Configuration;
  store: RedisImageStore;
  broker: BrokerConnection;
  runTimeSettings: RunTimeSettings;
  log: Logger;
  /** Is called when what is known of Redis has changed. */
  onChange: () => void;
}

/** What an operator may want to know of the agent: its warnings, what lies in Redis, and the metrics of both. */
export class Monitoring {
  private readonly parts: MonitoringParts;
  private readonly watch: StoreWatch;
  private readonly memoryWarning: MemoryWarning;
  private readonly cameras: WatchedCamera[] = [];
  /** Absent if nobody is to read the metrics. */
  private readonly metrics: MetricsServer | undefined;

  constructor(parts: MonitoringParts) {
    this.parts = parts;
    const { configuration, store, broker, log, onChange } = parts;
    this.memoryWarning = new MemoryWarning(configuration.warnings, log);
    this.watch = new StoreWatch({
      store,
      cameras: Object.keys(configuration.cameras),
      log,
      onChange: () => {
        this.memoryWarning.judge(this.watch.memory);
        onChange();
      },
    });
    if (configuration.metrics === undefined) return;
    const read = () => agentMetrics({ cameras: this.cameras, store, watch: this.watch, broker });
    this.metrics = new MetricsServer(configuration.metrics, read, log);
  }

  /** Watches one more camera. Returns its warnings. */
  add(service: CaptureService, keeper: ImageKeeper, log: Logger): CameraWarnings {
    const { runTimeSettings, configuration } = this.parts;
    const warnings = new CameraWarnings({
      service,
      keeper,
      runTimeSettings,
      memory: this.memoryWarning,
      settings: configuration.warnings,
      log,
    });
    this.cameras.push({ service, keeper, warnings });
    return warnings;
  }

  /** Redis' memory; null where it is not known. */
  get memory(): RedisMemory | null {
    return this.watch.memory;
  }

  /** What lies in Redis of a camera, about a minute old; null where it is not known yet. */
  stored(camera: string): CameraStatistics | null {
    return this.watch.of(camera);
  }

  async start(): Promise<void> {
    this.watch.start();
    await this.metrics?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.watch.stop(), this.metrics?.stop()]);
  }
}
