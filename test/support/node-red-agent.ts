import { describeNewImage } from '../../core/image-hash';
import {
  type CaptureCommand,
  captureCommandSchema,
  capturedAnnouncement,
  failedAnnouncement,
  parseJson,
  type Warning,
} from '../../core/messages';
import { Topics } from '../../core/topics';
import { type HeardMessage, MqttListener } from './mqtt-listener';
import { newImage } from './new-image';

export interface HeardCommand {
  command: CaptureCommand & { transaction: string };
  message: HeardMessage;
}

/** Plays the agent of the camera `front` at a real broker, word by word, so that tests decide what it answers. */
export class PlayedAgent {
  readonly listener = new MqttListener();
  private readonly topics = new Topics('luxcam');
  private readonly answered = new Set<HeardMessage>();
  private sequence = 0;

  async start(url: string): Promise<this> {
    await this.listener.start(url);
    await this.say('online');
    return this;
  }

  async stop(): Promise<void> {
    await this.listener.stop();
  }

  /** Publishes what is retained of the camera and its agent. */
  async say(status: 'online' | 'offline', warnings: Warning[] = []): Promise<void> {
    const { client } = this.listener;
    const state = { agent: 'pi1', lux: null, motion: null, timer: 'OFF', interval: null, ttl: 60, last_capture: null };
    const counters = { captures: 0, failures: 0, spooled: 0, warnings };
    await client.publishAsync(this.topics.state('front'), JSON.stringify({ ...state, ...counters }), { retain: true });
    await client.publishAsync(this.topics.availability('front'), 'online', { retain: true });
    await client.publishAsync(this.topics.agentStatus('pi1'), status, { retain: true });
  }

  /** The next capture command to the camera that was not handed out yet. */
  async command(camera = 'front'): Promise<HeardCommand> {
    const message = await this.listener.message(
      (heard) => heard.topic === this.topics.capture(camera) && !this.answered.has(heard),
    );
    this.answered.add(message);
    const command = parseJson(captureCommandSchema, message.payload.toString());
    return { command: { ...command, transaction: command.transaction ?? '' }, message };
  }

  async captured(transaction: string | null, burst?: { index: number; of: number }): Promise<void> {
    this.sequence += 1;
    const id = `front:${1_781_000_000_000 + this.sequence}`;
    const image = describeNewImage(newImage(), { id, key: `image:${id}`, sequence: this.sequence });
    await this.announce(capturedAnnouncement(image, { transaction, burst }, false));
  }

  async failed(transaction: string, code: string, burst?: { index: number; of: number }): Promise<void> {
    const trigger = { trigger: 'command', trigger_source: '' } as const;
    const error = { code, message: 'the lens cap is on' };
    const failure = { camera: 'front', agent: 'pi1', timestamp_ms: Date.now(), ...trigger, transaction, error };
    await this.announce(failedAnnouncement({ ...failure, ...(burst && { burst }) }));
  }

  /** Says that the picture waits on the agent's disk, because Redis is away. */
  async spooled(transaction: string): Promise<void> {
    const trigger = { trigger: 'command', trigger_source: '', transaction } as const;
    await this.announce({
      v: 1,
      event: 'spooled',
      camera: 'front',
      agent: 'pi1',
      timestamp_ms: Date.now(),
      ...trigger,
    });
  }

  private async announce(announcement: object): Promise<void> {
    const topic = this.topics.event('front');
    await this.listener.client.publishAsync(topic, JSON.stringify(announcement), { qos: 1 });
  }
}
