import type { Logger } from 'pino';
import { cameraNameSchema } from '../core/image';
import { messageOf } from '../core/luxcam-error';
import { parseJson, stateSchema } from '../core/messages';
import type { Topics } from '../core/topics';
import type { BrokerConnection, IncomingMessage } from './broker-connection';
import type { CameraSettings } from './config';
import { discoveryMessage, discoveryTopic } from './discovery-message';

/** Home Assistant asks for a random pause before an answer to its birth message; in milliseconds, at the most. */
const longestPause = 3000;

export interface HomeAssistantParts {
  /** The first level of all discovery topics: `homeassistant`. */
  prefix: string;
  agent: string;
  cameras: Record<string, CameraSettings>;
  /** Where the gallery is mounted, as Home Assistant reaches it; without it the thumbnail is shown. */
  galleryUrl: string | undefined;
  /** Whether the agent warns of anything. */
  warns: boolean;
  topics: Topics;
  broker: BrokerConnection;
  log: Logger;
}

/** Makes the agent's cameras known to Home Assistant over MQTT, and takes those away that are no longer configured. */
export class HomeAssistant {
  private readonly parts: HomeAssistantParts;
  private pause: NodeJS.Timeout | undefined;

  constructor(parts: HomeAssistantParts) {
    this.parts = parts;
  }

  /** The topics that `receive` wants to hear of: Home Assistant's birth, and what stands retained of all cameras. */
  static subscriptions(prefix: string, topics: Topics): string[] {
    return [`${prefix}/status`, topics.state('+')];
  }

  /** Publishes the discovery message of each camera. To be called each time the broker connection stands again. */
  publish(): void {
    const { prefix, cameras, topics } = this.parts;
    for (const [camera, settings] of Object.entries(cameras)) {
      const message = JSON.stringify(discoveryMessage({ ...this.parts, camera, settings }));
      this.retain(discoveryTopic(prefix, topics, camera), message);
    }
  }

  /** Takes in a message; those that are not for it are passed over. */
  receive({ topic, payload, retained }: IncomingMessage): void {
    const { prefix, topics } = this.parts;
    if (topic === `${prefix}/status`) {
      if (!retained && payload.toString() === 'online') this.publishSoon();
      return;
    }
    const camera = topic.split('/').at(-2) ?? '';
    if (retained && topic === topics.state(camera)) this.removeIfGone(camera, payload);
  }

  stop(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
  }

  /** Home Assistant has just started; not every device of the house should answer in the same moment. */
  private publishSoon(): void {
    this.pause ??= setTimeout(() => {
      this.pause = undefined;
      if (this.parts.broker.connected) this.publish();
    }, Math.random() * longestPause).unref();
  }

  /** A retained state that names this agent was left by an earlier run of it; a camera of another agent is not touched. */
  private removeIfGone(camera: string, payload: Buffer): void {
    const { cameras, agent, prefix, topics, log } = this.parts;
    if (Object.hasOwn(cameras, camera) || !cameraNameSchema.safeParse(camera).success) return;
    if (agentOf(payload) !== agent) return;
    log.info({ camera }, 'removed what stood retained of a camera that is no longer configured');
    for (const left of [
      discoveryTopic(prefix, topics, camera),
      topics.availability(camera),
      topics.latest(camera),
      topics.thumbnail(camera),
      topics.state(camera),
    ])
      this.retain(left, '');
  }

  private retain(topic: string, payload: string): void {
    const { broker, log } = this.parts;
    broker
      .publish(topic, payload, { qos: 1, retain: true })
      .catch((error: unknown) => log.error({ topic }, `not published: ${messageOf(error)}`));
  }
}

/** Which agent a retained state is of; undefined if it is none. */
function agentOf(payload: Buffer): string | undefined {
  try {
    return parseJson(stateSchema, payload.toString()).agent;
  } catch {
    return undefined;
  }
}
