import mqtt, { type MqttClient } from 'mqtt';
import type { Certificates } from '../core/certificates';
import { LuxcamError } from '../core/luxcam-error';
import type { CameraBroker } from './camera-control';

export interface MqttCameraBrokerSettings {
  url: string;
  protocolVersion: 4 | 5;
  /** For `mqtts://` and `wss://`. */
  tls?: Certificates;
}

type TopicListener = (topic: string, payload: Buffer) => void;

/** A broker connection of the gallery's own, where no Node-RED brings one. It reconnects for ever. */
export class MqttCameraBroker implements CameraBroker {
  private readonly settings: MqttCameraBrokerSettings;
  private readonly onProblem: (problem: string) => void;
  private readonly listeners: { filter: string; listener: TopicListener }[] = [];
  private client: MqttClient | undefined;

  /** `onProblem` is told what goes wrong, once until something else does or the connection stands again. */
  constructor(settings: MqttCameraBrokerSettings, onProblem: (problem: string) => void) {
    this.settings = settings;
    this.onProblem = onProblem;
  }

  /** Begins to connect in the background. */
  start(): void {
    const { url, protocolVersion, tls } = this.settings;
    const patience = { reconnectPeriod: 2000, connectTimeout: 10_000 };
    const client = mqtt.connect(url, { protocolVersion, clean: true, ...patience, ...tls });
    this.client = client;
    let told = '';
    client.on('connect', () => {
      told = '';
    });
    client.on('error', ({ message }) => {
      if (message !== told) this.onProblem(message);
      told = message;
    });
    client.on('message', (topic, payload) => {
      for (const { filter, listener } of this.listeners) if (matches(filter, topic)) listener(topic, payload);
    });
    // MQTT.js keeps these for the connection to come, and makes them again after each lost one.
    for (const { filter } of this.listeners) this.listen(client, filter);
  }

  subscribe(topic: string, listener: TopicListener): void {
    this.listeners.push({ filter: topic, listener });
    if (this.client !== undefined) this.listen(this.client, topic);
  }

  async publish({ topic, payload, qos, expiry }: Parameters<CameraBroker['publish']>[0]): Promise<void> {
    if (!this.client?.connected) throw new LuxcamError('broker_unavailable', 'The MQTT broker is not connected.');
    const properties = expiry === undefined ? undefined : { messageExpiryInterval: expiry };
    await this.client.publishAsync(topic, payload, { qos, ...(properties && { properties }) });
  }

  async stop(): Promise<void> {
    await this.client?.endAsync(!this.client.connected);
  }

  private listen(client: MqttClient, filter: string): void {
    client.subscribe(filter, { qos: 1 }, (error) => {
      if (error) this.onProblem(error.message);
    });
  }
}

/** Whether a topic fits a filter whose only wildcards are `+`. */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const parts = topic.split('/');
  return wanted.length === parts.length && wanted.every((part, at) => part === '+' || part === parts[at]);
}
