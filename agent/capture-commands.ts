import type { Logger } from 'pino';
import { z } from 'zod';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import {
  type Announcement,
  type CaptureCommand,
  captureCommandSchema,
  failedAnnouncement,
  parseJson,
} from '../core/messages';
import type { Topics } from '../core/topics';
import type { BrokerConnection, IncomingMessage } from './broker-connection';
import type { CaptureService } from './capture-service';

/** Turns the messages on `<base>/<camera>/capture` into requests, and sees to it that each one is answered. */
export class CaptureCommands {
  private readonly topics: Topics;
  private readonly agent: string;
  private readonly log: Logger;
  private services = new Map<string, CaptureService>();
  private broker: BrokerConnection | undefined;

  constructor({ topics, agent, log }: { topics: Topics; agent: string; log: Logger }) {
    this.topics = topics;
    this.agent = agent;
    this.log = log;
  }

  /** Names the services that the commands are for, and the broker that carries the answers. */
  connect(services: readonly CaptureService[], broker: BrokerConnection): void {
    this.services = new Map(services.map((service) => [this.topics.capture(service.name), service]));
    this.broker = broker;
  }

  /** Takes in a message. A retained one is ignored: it would take a picture at each reconnect. */
  receive(message: IncomingMessage): void {
    const service = this.services.get(message.topic);
    if (service === undefined) return;
    if (message.retained) {
      this.log.warn({ topic: message.topic }, 'ignored a retained capture command: publish it without the retain flag');
      return;
    }
    const onAnswer = (announcement: Announcement) => this.answer(message, announcement);
    const source = { trigger: 'command', triggerSource: 'mqtt' } as const;
    try {
      const { transaction = null, ttl, burst = 1, meta = {} } = readCommand(message.payload);
      service.request({ ...source, transaction, ttl, burst, meta, onAnswer });
    } catch (error) {
      this.refuse(service.name, error, onAnswer);
    }
  }

  private refuse(camera: string, error: unknown, onAnswer: (announcement: Announcement) => void): void {
    this.log.warn({ camera }, `refused a capture command: ${messageOf(error)}`);
    const announcement = failedAnnouncement({
      camera,
      agent: this.agent,
      timestamp_ms: Date.now(),
      trigger: 'command',
      trigger_source: 'mqtt',
      transaction: null,
      error: { code: 'invalid_request', message: messageOf(error) },
    });
    this.send(this.topics.event(camera), announcement);
    onAnswer(announcement);
  }

  private answer({ responseTopic, correlationData }: IncomingMessage, announcement: Announcement): void {
    if (responseTopic !== undefined) this.send(responseTopic, announcement, correlationData);
  }

  private send(topic: string, announcement: Announcement, correlationData?: Buffer): void {
    if (!this.broker?.connected) return;
    const properties = correlationData && { correlationData };
    this.broker
      .publish(topic, JSON.stringify(announcement), { qos: 1, ...(properties && { properties }) })
      .catch((error: unknown) => this.log.error({ topic }, `answer not sent: ${messageOf(error)}`));
  }
}

function readCommand(payload: Buffer): CaptureCommand {
  if (payload.length === 0) return {};
  try {
    return parseJson(captureCommandSchema, payload.toString());
  } catch (error) {
    const wanted = 'it must be empty or JSON with transaction, ttl, burst or meta';
    throw new LuxcamError('invalid_request', `the capture command can't be read (${reason(error)}): ${wanted}`, {
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof z.ZodError)) return 'it is not JSON';
  return error.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ');
}
