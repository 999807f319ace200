import type { Logger } from 'pino';
import type { Warning } from '../core/messages';
import type { RedisMemory } from '../core/redis-memory';
import type { CaptureService } from './capture-service';
import type { ImageKeeper } from './image-keeper';
import type { WarningSettings } from './monitoring-settings';
import type { RunTimeSettings } from './run-time-settings';

/** How far the memory in use must fall below the limit until its warning ends, in percent: else it comes and goes. */
const relief = 5;

/** Warnings that are given and taken back. Each is logged once when it begins, and once when it ends. */
class WarningList {
  private readonly log: Logger;
  private readonly given = new Map<string, Warning>();

  constructor(log: Logger) {
    this.log = log;
  }

  get list(): Warning[] {
    return [...this.given.values()];
  }

  has(kind: string): boolean {
    return this.given.has(kind);
  }

  /** Gives a warning, or takes it back where there is no message. What it says at its beginning it says to its end. */
  set(kind: string, message: string | null): void {
    if (this.has(kind) === (message !== null)) return;
    if (message === null) {
      this.given.delete(kind);
      this.log.info({ warning: kind }, 'warning over');
    } else {
      this.given.set(kind, { kind, since: new Date().toISOString(), message });
      this.log.warn({ warning: kind }, `warning: ${message}`);
    }
  }
}

/** Warns when Redis has little memory left. One for all cameras of the agent. */
export class MemoryWarning {
  private readonly settings: WarningSettings;
  private readonly warnings: WarningList;

  constructor(settings: WarningSettings, log: Logger) {
    this.settings = settings;
    this.warnings = new WarningList(log);
  }

  get list(): Warning[] {
    return this.warnings.list;
  }

  /** Looks at the memory again. A Redis without a limit, or one that may not be asked, is no reason to warn. */
  judge(memory: RedisMemory | null): void {
    const { memory: most = Number.POSITIVE_INFINITY } = this.settings;
    const used = memory === null || memory.limit === 0 ? 0 : (memory.used / memory.limit) * 100;
    const tooMuch = used >= (this.warnings.has('memory') ? most - relief : most);
    const what = `Redis uses ${Math.floor(used)} % of its memory, and ${most} % are the limit`;
    const remedy = 'shorten ttl, take fewer or smaller pictures, or raise its maxmemory';
    this.warnings.set('memory', tooMuch ? `${what}: ${remedy}` : null);
  }
}

export interface CameraWarningsParts {
  service: CaptureService;
  keeper: ImageKeeper;
  runTimeSettings: RunTimeSettings;
  memory: MemoryWarning;
  settings: WarningSettings;
  log: Logger;
}

/** What the agent warns of where a camera is concerned. */
export class CameraWarnings {
  private readonly parts: CameraWarningsParts;
  private readonly warnings: WarningList;

  constructor(parts: CameraWarningsParts) {
    this.parts = parts;
    this.warnings = new WarningList(parts.log);
  }

  /** The camera's own, and that of the memory, which concerns them all. */
  get list(): Warning[] {
    return [...this.warnings.list, ...this.parts.memory.list];
  }

  /** The kinds that were asked for, and whether each is given now. */
  get kinds(): Record<string, boolean> {
    const { silent, spool, memory } = this.parts.settings;
    return {
      ...(silent !== undefined && { silent: this.warnings.has('silent') }),
      ...(spool && { spool: this.warnings.has('spool') }),
      ...(memory !== undefined && { memory: this.parts.memory.list.length > 0 }),
    };
  }

  /** Looks at the camera again; to be called after each change. */
  judge(): void {
    const { service, keeper, runTimeSettings, settings } = this.parts;
    const { name } = service;
    const silent =
      settings.silent !== undefined && service.missed >= settings.silent && runTimeSettings.of(name).timer === 'ON';
    const last = settings.silent === 1 ? 'the last picture' : `the last ${settings.silent} pictures`;
    this.warnings.set('silent', silent ? `${name} is silent: ${last} that its timer asked for did not come` : null);
    const spooled = settings.spool && keeper.waiting > 0;
    this.warnings.set('spool', spooled ? `images of ${name} wait on disk: Redis does not take them` : null);
  }
}
