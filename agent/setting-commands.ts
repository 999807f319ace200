import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { LuxcamError } from '../core/luxcam-error';
import { type SettingName, settingNames, type Topics } from '../core/topics';
import type { IncomingMessage } from './broker-connection';
import type { RunTimeSettings } from './run-time-settings';

/** The longest message that is looked at, in bytes. */
const longestMessage = 100;

/** At most one refusal in this time is logged, in milliseconds: a program gone wrong must not fill the log. */
const refusalPause = 10_000;

export interface SettingCommandsParts {
  topics: Topics;
  cameras: string[];
  settings: RunTimeSettings;
  log: Logger;
  /** Is called after a camera's settings have changed. */
  onChange: (camera: string) => void;
}

/** Turns the messages on `<base>/<camera>/set/<setting>` into changes. */
export class SettingCommands {
  private readonly parts: SettingCommandsParts;
  private readonly targets: Map<string, { camera: string; setting: SettingName }>;
  private refusedAt = Number.NEGATIVE_INFINITY;
  private unlogged = 0;

  constructor(parts: SettingCommandsParts) {
    this.parts = parts;
    this.targets = new Map(
      parts.cameras.flatMap((camera) =>
        settingNames.map((setting) => [parts.topics.set(camera, setting), { camera, setting }]),
      ),
    );
  }

  /** The topics that they come on. */
  get subscriptions(): string[] {
    return [...this.targets.keys()];
  }

  /** Takes in a message. A retained one is ignored: at each reconnect it would undo what was changed since. */
  receive({ topic, payload, retained }: IncomingMessage): void {
    const { settings, log, onChange } = this.parts;
    const target = this.targets.get(topic);
    if (target === undefined) return;
    const { camera, setting } = target;
    try {
      if (retained) throw refusal('a retained one is ignored: publish it without the retain flag');
      if (payload.length > longestMessage) throw refusal(`it is longer than ${longestMessage} bytes`);
      if (!settings.change(camera, setting, payload.toString())) return;
    } catch (error) {
      if (!(error instanceof LuxcamError)) throw error;
      this.logRefusal(topic, error);
      return;
    }
    log.info({ camera, ...settings.of(camera) }, `${setting} changed over MQTT`);
    onChange(camera);
  }

  private logRefusal(topic: string, error: LuxcamError): void {
    this.unlogged += 1;
    if (performance.now() - this.refusedAt < refusalPause) return;
    this.refusedAt = performance.now();
    this.parts.log.warn({ topic, refused: this.unlogged }, `refused a setting: ${error.message}`);
    this.unlogged = 0;
  }
}

function refusal(message: string): LuxcamError {
  return new LuxcamError('invalid_request', message);
}
