import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { cameraNameSchema } from '../core/image';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import { parseJson, settingSchemas } from '../core/messages';
import type { SettingName } from '../core/topics';
import type { CameraSettings } from './config';

/** What of a camera can be changed while the agent runs; interval and ttl in seconds. */
export interface CurrentSettings {
  /** Of the first timer that has `every`; null without one. */
  interval: number | null;
  /** Of all timers; OFF without one. */
  timer: 'ON' | 'OFF';
  ttl: number;
}

/** A change: the value, and what the configuration said at that time. */
const changesSchema = z.object({
  interval: z.object({ value: settingSchemas.interval, configured: z.number().nullable() }).optional(),
  timer: z.object({ value: settingSchemas.timer, configured: settingSchemas.timer }).optional(),
  ttl: z.object({ value: settingSchemas.ttl, configured: z.number() }).optional(),
});
type Changes = z.infer<typeof changesSchema>;

const fileSchema = z.object({ cameras: z.record(cameraNameSchema, changesSchema) });

export interface RunTimeSettingsParts {
  /** The folder of the file that keeps the changes, `settings.json`. */
  folder: string;
  cameras: Record<string, CameraSettings>;
  log: Logger;
}

/**
 * The settings of the cameras that can be changed at run time. A change survives a restart, until the configuration is
 * given another value: who edits that file expects it to count.
 */
export class RunTimeSettings {
  private readonly file: string;
  private readonly cameras: Record<string, CameraSettings>;
  private readonly log: Logger;
  private readonly changes = new Map<string, Changes>();
  /** Whether something has changed since the last write began. */
  private unsaved = false;
  private saving: Promise<void> | undefined;

  constructor({ folder, cameras, log }: RunTimeSettingsParts) {
    this.file = path.join(folder, 'settings.json');
    this.cameras = cameras;
    this.log = log;
  }

  /** Takes up what was changed in earlier runs. A file that can't be read is said, and then the configuration counts. */
  async load(): Promise<void> {
    try {
      const { cameras } = parseJson(fileSchema, await readFile(this.file, 'utf8'));
      for (const [camera, changes] of Object.entries(cameras)) this.changes.set(camera, changes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      const consequence = 'what was changed over MQTT is lost, and the configuration counts';
      const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : messageOf(error);
      this.log.error({ file: this.file }, `the file can't be read (${why}): ${consequence}`);
    }
  }

  /** The settings of a camera as they are now. Throws a LuxcamError `invalid_request` if there is no such camera. */
  of(camera: string): CurrentSettings {
    const configured = this.configured(camera);
    const { interval, timer, ttl } = this.changes.get(camera) ?? {};
    return {
      interval: interval?.configured === configured.interval ? interval.value : configured.interval,
      timer: timer?.configured === configured.timer ? timer.value : configured.timer,
      ttl: ttl?.configured === configured.ttl ? ttl.value : configured.ttl,
    };
  }

  /**
   * Changes a setting to what a message says: seconds, or ON or OFF. It counts at once and is written to the disk soon.
   * Returns false if it was so already. Throws a LuxcamError `invalid_request` that says what was wanted, and then changes nothing.
   */
  change(camera: string, setting: SettingName, text: string): boolean {
    const configured = this.configured(camera);
    const before = this.of(camera)[setting];
    const changes = { ...this.changes.get(camera) };
    if (setting === 'interval') {
      if (configured.interval === null)
        throw refusal(`${camera} has no timer with 'every' whose interval could change`);
      changes.interval = { value: read(setting, settingSchemas.interval, text), configured: configured.interval };
    } else if (setting === 'timer') {
      if (configured.timer === 'OFF') throw refusal(`${camera} has no timer that could be switched`);
      changes.timer = { value: read(setting, settingSchemas.timer, text), configured: configured.timer };
    } else {
      changes.ttl = { value: read(setting, settingSchemas.ttl, text), configured: configured.ttl };
    }
    if (changes[setting]?.value === before) return false;
    this.changes.set(camera, changes);
    this.unsaved = true;
    this.saving ??= this.save();
    return true;
  }

  /** Waits until all changes are on the disk. */
  async stop(): Promise<void> {
    await this.saving;
  }

  private configured(camera: string): CurrentSettings {
    const settings = this.cameras[camera];
    if (settings === undefined) throw refusal(`there is no camera ${camera}`);
    const timers = settings.triggers.filter((trigger) => trigger.type === 'timer');
    const every = timers.find((timer) => timer.every !== undefined)?.every;
    return {
      interval: every === undefined ? null : every / 1000,
      timer: timers.length > 0 ? 'ON' : 'OFF',
      ttl: settings.ttl / 1000,
    };
  }

  /** Writes as long as there are changes, so that many at once are one write. */
  private async save(): Promise<void> {
    while (this.unsaved) {
      this.unsaved = false;
      await this.write().catch((error: unknown) =>
        this.log.error({ file: this.file }, `a changed setting counts only until the next start: ${messageOf(error)}`),
      );
    }
    this.saving = undefined;
  }

  /** The file appears whole or not at all. */
  private async write(): Promise<void> {
    const partial = `${this.file}.partial`;
    await mkdir(path.dirname(this.file), { recursive: true });
    const file = await open(partial, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ cameras: Object.fromEntries(this.changes) }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, this.file);
  }
}

function read<T>(setting: SettingName, schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  const wanted = setting === 'timer' ? 'ON or OFF' : 'a number of seconds';
  throw refusal(
    `${setting} is ${wanted}, not ${JSON.stringify(text.slice(0, 40))}: ${result.error.issues[0]?.message}`,
  );
}

function refusal(message: string): LuxcamError {
  return new LuxcamError('invalid_request', message);
}
