import { EventEmitter, on } from 'node:events';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { type Announcement, announcementSchema, parseJson } from '../../core/messages';

/** A message as it arrived. */
export interface HeardMessage {
  topic: string;
  payload: Buffer;
  packet: IPublishPacket;
}

/** An MQTT client that keeps all it hears, for tests that wait for a message and look at others. */
export class MqttListener extends EventEmitter<{ message: [HeardMessage] }> {
  readonly heard: HeardMessage[] = [];
  private connection: MqttClient | undefined;

  /** Connects and subscribes; resolves when the broker has taken the subscription. */
  async start(url: string, topic = '#'): Promise<this> {
    this.setMaxListeners(0);
    this.connection = await mqtt.connectAsync(url, { protocolVersion: 5 });
    this.connection.on('message', (heardTopic, payload, packet) => {
      const message = { topic: heardTopic, payload, packet };
      this.heard.push(message);
      this.emit('message', message);
    });
    await this.connection.subscribeAsync(topic, { qos: 1 });
    return this;
  }

  get client(): MqttClient {
    if (this.connection === undefined) throw new Error('the listener was not started');
    return this.connection;
  }

  /** Resolves with the first message, heard already or yet to come, that fits. */
  async message(fits: (message: HeardMessage) => boolean): Promise<HeardMessage> {
    const coming = on(this, 'message');
    const known = this.heard.find(fits);
    if (known !== undefined) return known;
    for await (const [message] of coming) if (fits(message)) return message;
    throw new Error('the listener has stopped');
  }

  /** Resolves with the first announcement of a camera that fits. */
  async announcement(
    camera: string,
    fits: (announcement: Announcement) => boolean = () => true,
  ): Promise<Announcement> {
    const topic = `luxcam/${camera}/event`;
    const read = (message: HeardMessage) => parseJson(announcementSchema, message.payload.toString());
    return read(await this.message((message) => message.topic === topic && fits(read(message))));
  }

  /** All announcements of a camera heard so far. */
  announcements(camera: string): Announcement[] {
    return this.heard
      .filter((message) => message.topic === `luxcam/${camera}/event`)
      .map((message) => parseJson(announcementSchema, message.payload.toString()));
  }

  async stop(): Promise<void> {
    await this.connection?.endAsync();
  }
}
