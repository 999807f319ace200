import { Socket } from 'node:net';
import mqtt, { type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Logger } from 'pino';
import { type Certificates, certificateAdvice } from '../core/certificates';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import { within } from './within';

/** The largest message that is taken in, in bytes: MQTT 5 lets the broker keep larger ones to itself. */
const largestIncoming = 64 * 1024;

/** The largest message that is sent, in bytes: what brokers take at the least (AWS IoT; MQTT 3.1.1 has no way to ask). */
const largestOutgoing = 128 * 1024;

/** How long the broker may take for an acknowledgement while the connection stands, in milliseconds. */
const acknowledgementPatience = 10_000;

/** How long the last word to the broker may take, in milliseconds. */
const lastWordPatience = 2000;

export interface BrokerSettings {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, with optional credentials. */
  url: string;
  protocolVersion: 4 | 5;
  /** For `mqtts://` and `wss://`. */
  tls?: Certificates;
}

/** A message that came in. */
export interface IncomingMessage {
  topic: string;
  payload: Buffer;
  retained: boolean;
  /** MQTT 5: where the sender wants the answer, and with what mark. */
  responseTopic: string | undefined;
  correlationData: Buffer | undefined;
}

export interface BrokerConnectionParts {
  settings: BrokerSettings;
  /** The topic whose retained value is `online` while the connection stands, and `offline` otherwise. */
  statusTopic: string;
  clientId: string;
  log: Logger;
  /** The topics to listen to. */
  subscriptions: string[];
  onMessage: (message: IncomingMessage) => void;
  /** Is called each time the connection stands again, after the subscriptions are made. */
  onConnect: () => void;
}

/** The agent's connection to the MQTT broker: it reconnects for ever, and says so once each time. */
export class BrokerConnection {
  connected = false;
  private readonly parts: BrokerConnectionParts;
  private client: MqttClient | undefined;
  private stopping = false;
  /** The largest packet that may be sent, in bytes: ours or the broker's own limit, which it says in its CONNACK. */
  private largestPacket = largestOutgoing;
  /** What was complained of last, so that a broker that is away for a day is not told of every second. */
  private complaint = '';

  constructor(parts: BrokerConnectionParts) {
    this.parts = parts;
  }

  /** Begins to connect in the background. Throws a LuxcamError `invalid_request` if the URL is none. */
  start(): void {
    const { settings, statusTopic, clientId, log, onMessage } = this.parts;
    const address = brokerAddress(settings.url);
    const client = mqtt.connect(settings.url, {
      protocolVersion: settings.protocolVersion,
      clientId,
      // A capture asked for while the agent was away must not happen later.
      clean: true,
      ...(settings.protocolVersion === 5 && { properties: { maximumPacketSize: largestIncoming } }),
      reconnectPeriod: 1000,
      connectTimeout: 10_000,
      resubscribe: false,
      ...settings.tls,
      will: { topic: statusTopic, payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    this.client = client;
    client.on('connect', (packet) => {
      // Else an announcement that follows a thumbnail (which the broker does not answer) waits up to 40 ms in the kernel
      // for a delayed acknowledgement of TCP (Nagle's algorithm, RFC 896 and RFC 1122 4.2.3.2).
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      this.largestPacket = Math.min(packet.properties?.maximumPacketSize ?? largestOutgoing, largestOutgoing);
      this.greet(client).then(
        () => {
          this.complaint = '';
          log.info({ broker: address }, 'broker connected');
        },
        // The connection broke again on the way: the next one starts from here.
        () => undefined,
      );
    });
    client.on('close', () => {
      if (this.connected) log.warn({ broker: address }, 'broker connection lost, reconnecting');
      this.connected = false;
    });
    client.on('error', (error) => {
      const complaint = `broker: ${messageOf(error)}${brokerAdvice(messageOf(error))}`;
      if (complaint !== this.complaint) log.error({ broker: address }, complaint);
      this.complaint = complaint;
    });
    client.on('message', (topic, payload, packet) => {
      if (topic === statusTopic) this.contradict(client, payload);
      else onMessage(incoming(topic, payload, packet));
    });
  }

  /**
   * Publishes and resolves when the broker has taken it; while the broker is away it waits, for as long as that takes.
   * Never give up and publish again: MQTT.js itself sends it again after a reconnect. That is also what happens if the
   * broker does not acknowledge in time: mosquitto 2.0 drops any packet, acknowledgements too, when a flood of messages
   * to us fills its queue, and never sends it again on that connection.
   * Throws a LuxcamError `invalid_request` if the broker can't take this message at all.
   */
  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions): Promise<void> {
    const mark = options.properties?.correlationData?.length ?? 0;
    const size = Buffer.byteLength(payload) + Buffer.byteLength(topic) + mark + 64;
    // MQTT.js would send it all the same, be disconnected, and do so again after each reconnect.
    if (size > this.largestPacket)
      throw new LuxcamError(
        'invalid_request',
        `a message of ${size} bytes is more than the limit of ${this.largestPacket}`,
      );
    const overdue = setInterval(() => this.reconnect(), acknowledgementPatience).unref();
    try {
      await this.client?.publishAsync(topic, payload, options);
    } finally {
      clearInterval(overdue);
    }
  }

  /** Says `offline` and leaves, where the broker is there to hear it; it does not wait long for one that hangs. */
  async stop(): Promise<void> {
    const { client, connected } = this;
    if (client === undefined) return;
    this.stopping = true;
    const lastWord = () => client.publishAsync(this.parts.statusTopic, 'offline', { qos: 1, retain: true });
    const heard =
      connected &&
      (await within(
        lastWordPatience,
        lastWord().then(() => true),
      ));
    // From here on a closed connection is no news.
    this.connected = false;
    await within(lastWordPatience, client.endAsync(!heard));
  }

  /**
   * After a power cut the broker notices the end of the session before only when its keep-alive is over, and then
   * publishes its last will over the `online` of this one.
   */
  private contradict(client: MqttClient, status: Buffer): void {
    const { statusTopic, log } = this.parts;
    if (!this.connected || this.stopping || status.toString() !== 'offline') return;
    log.warn({ topic: statusTopic }, 'an earlier session, or another agent of this name, said offline: we are online');
    client.publish(statusTopic, 'online', { qos: 1, retain: true });
  }

  private reconnect(): void {
    if (!this.connected) return;
    this.parts.log.warn(`the broker acknowledges nothing for ${acknowledgementPatience / 1000} s: connecting anew`);
    this.client?.stream.destroy();
  }

  private async greet(client: MqttClient): Promise<void> {
    const { subscriptions, statusTopic, onConnect, log } = this.parts;
    for (const topic of [...subscriptions, statusTopic]) {
      // Not 1: messages that mosquitto drops in a flood would hold its window of 20 unacknowledged ones for ever, and with
      // a clean start nothing is kept for us anyway.
      await client.subscribeAsync(topic, { qos: 0 }).catch((error: unknown) => {
        if (!client.connected) throw error;
        log.error({ topic }, `the broker does not let us listen (${messageOf(error)}): check its access rules`);
      });
    }
    await client.publishAsync(statusTopic, 'online', { qos: 1, retain: true });
    this.connected = client.connected;
    if (this.connected) onConnect();
  }
}

function incoming(topic: string, payload: Buffer, packet: IPublishPacket): IncomingMessage {
  return {
    topic,
    payload,
    retained: packet.retain,
    responseTopic: packet.properties?.responseTopic,
    correlationData: packet.properties?.correlationData,
  };
}

/** Host and port of a broker's URL, without its credentials. Throws a LuxcamError `invalid_request` if it is none. */
export function brokerAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^(mqtts?|wss?):$/.test(url.protocol) && url.hostname !== '') return url.host;
  throw new LuxcamError(
    'invalid_request',
    'The MQTT URL is not one: it must look like mqtt://host:1883 or mqtts://host:8883',
  );
}

/** What to do about the broker's refusals that people meet; empty for others. */
export function brokerAdvice(reason: string): string {
  if (/not authorized|bad user name/i.test(reason)) return ' - check the user name and password';
  if (/ECONNREFUSED/.test(reason)) return ' - is the broker running there?';
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return ' - check the host name';
  if (/unacceptable protocol|unsupported protocol/i.test(reason)) return ' - set mqtt.protocol_version to 4';
  return certificateAdvice(reason);
}
