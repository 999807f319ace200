/** What can be changed at run time under `<base>/<camera>/set/`. */
export const settingNames = ['interval', 'timer', 'ttl'] as const;
export type SettingName = (typeof settingNames)[number];

/** The MQTT topics under one base topic, spelled here and nowhere else. */
export class Topics {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  /** Retained `online` / `offline` of an agent, its last will. */
  agentStatus(agent: string): string {
    return `${this.base}/agents/${agent}/status`;
  }

  /** Retained `online` / `offline` of a camera. */
  availability(camera: string): string {
    return `${this.base}/${camera}/availability`;
  }

  /** Commands to a camera: take a picture. */
  capture(camera: string): string {
    return `${this.base}/${camera}/capture`;
  }

  /** Announcements. */
  event(camera: string): string {
    return `${this.base}/${camera}/event`;
  }

  /** Retained: the last `captured` announcement. */
  latest(camera: string): string {
    return `${this.base}/${camera}/latest`;
  }

  /** Retained: the last image's thumbnail as JPEG. */
  thumbnail(camera: string): string {
    return `${this.base}/${camera}/thumbnail`;
  }

  /** Retained: how the camera is doing. */
  state(camera: string): string {
    return `${this.base}/${camera}/state`;
  }

  /** Changes of a setting at run time. */
  set(camera: string, setting: SettingName): string {
    return `${this.base}/${camera}/set/${setting}`;
  }
}
