import type { Logger } from 'pino';
import { z } from 'zod';
import { LuxcamError, messageOf } from '../core/luxcam-error';
import {
  type Announcement,
  type CaptureCommand,
  captureCommandSchema,
  failedAnnouncement,
  largestCommand,
} from '../core/messages';
import type { Topics } from '../core/topics';
import type { BrokerConnection, IncomingMessage } from './broker-connection';
import type { CaptureService } from './capture-service';
import { RateLimit, RefusalLog } from './refusals';

/** How deep a command's `meta` may be nested: it returns in each announcement. */
const deepestNesting = 16;

/** How many commands of a camera are passed on in a second, and how many refusals are answered. */
const commandsPerSecond = 50;
const answersPerSecond = 20;

/** Turns the messages on `<base>/<camera>/capture` into requests, and sees to it that each one is answered. */
export class CaptureCommands {
  private readonly topics: Topics;
  private readonly agent: string;
  private readonly log: Logger;
  private readonly refusals: RefusalLog;
  private readonly refusalLimit = new RateLimit(answersPerSecond);
  private services = new Map<string, { service: CaptureService; limit: RateLimit }>();
  private broker: BrokerConnection | undefined;

  constructor({ topics, agent, log }: { topics: Topics; agent: string; log: Logger }) {
    this.topics = topics;
    this.agent = agent;
    this.log = log;
    this.refusals = new RefusalLog(log);
  }

  /** Names the services that the commands are for, and the broker that carries the answers. */
  connect(services: readonly CaptureService[], broker: BrokerConnection): void {
    this.services = new Map(
      services.map((service) => [
        this.topics.capture(service.name),
        { service, limit: new RateLimit(commandsPerSecond) },
      ]),
    );
    this.broker = broker;
  }

  /** Takes in a message; those that are no commands are passed over. */
  receive(message: IncomingMessage): void {
    const known = this.services.get(message.topic);
    if (known === undefined) return;
    const { service, limit } = known;
    if (message.retained) {
      // It would take a picture at each reconnect.
      this.refusals.warn(`${message.topic}: ignored a retained command: publish it without the retain flag`);
      return;
    }
    const onAnswer = (announcement: Announcement) => this.answer(message, announcement);
    const source = { trigger: 'command', triggerSource: 'mqtt' } as const;
    try {
      const { transaction = null, ttl, burst = 1, meta = {} } = readCommand(message.payload);
      if (limit.allows()) service.request({ ...source, transaction, ttl, burst, meta, onAnswer });
      else
        this.refusals.warn(`${message.topic}: more than ${commandsPerSecond} commands in a second, dropped the rest`);
    } catch (error) {
      this.refuse(message, service.name, error);
    }
  }

  private refuse(message: IncomingMessage, camera: string, error: unknown): void {
    this.refusals.warn(`${message.topic}: refused a command: ${messageOf(error)}`);
    if (!this.refusalLimit.allows()) return;
    const announcement = failedAnnouncement({
      camera,
      agent: this.agent,
      timestamp_ms: Date.now(),
      trigger: 'command',
      trigger_source: 'mqtt',
      transaction: transactionOf(message.payload),
      error: { code: 'invalid_request', message: messageOf(error) },
    });
    this.send(this.topics.event(camera), announcement);
    this.answer(message, announcement);
  }

  /** A requester must not be able to make the agent speak on topics that it, another agent or the broker listens to. */
  private answer({ responseTopic, correlationData }: IncomingMessage, announcement: Announcement): void {
    if (responseTopic === undefined) return;
    if (isAnswerable(responseTopic, this.topics)) this.send(responseTopic, announcement, correlationData);
    else this.refusals.warn(`a command was not answered: a response topic is outside of ${this.topics.base}/ and $`);
  }

  private send(topic: string, announcement: Announcement, correlationData?: Buffer): void {
    if (!this.broker?.connected) return;
    const properties = correlationData && { correlationData };
    this.broker
      .publish(topic, JSON.stringify(announcement), { qos: 1, ...(properties && { properties }) })
      .catch((error: unknown) => this.log.error({ topic }, `answer not sent: ${messageOf(error)}`));
  }
}

/** No topic of our own, where it could be a command or pass for a state; and none that a broker refuses or keeps for itself. */
function isAnswerable(topic: string, { base }: Topics): boolean {
  return topic !== '' && topic.length <= 256 && !/^\$|[+#\0]/.test(topic) && !`${topic}/`.startsWith(`${base}/`);
}

const nestingSchema = z
  .unknown()
  .refine((value) => !nestsDeeper(value, deepestNesting), `it is nested deeper than ${deepestNesting} levels`);

function readCommand(payload: Buffer): CaptureCommand {
  if (payload.length === 0) return {};
  try {
    if (payload.length > largestCommand) throw new Error(`its ${payload.length} bytes are more than ${largestCommand}`);
    return nestingSchema.pipe(captureCommandSchema).parse(JSON.parse(payload.toString()));
  } catch (error) {
    const wanted = 'it must be empty or JSON with transaction, ttl, burst or meta';
    throw new LuxcamError('invalid_request', `the capture command can't be read (${reason(error)}): ${wanted}`, {
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  if (!(error instanceof z.ZodError)) return messageOf(error);
  const [first, ...others] = error.issues.map((issue) => [...issue.path, issue.message].join(': ').slice(0, 200));
  return others.length > 0 ? `${first}; and ${others.length} more` : `${first}`;
}

const markedSchema = z.object({ transaction: captureCommandSchema.shape.transaction.unwrap() });

/** The transaction of a command that is wrong otherwise, so that its sender learns of it; null if there is none. */
function transactionOf(payload: Buffer): string | null {
  try {
    return markedSchema.parse(JSON.parse(payload.toString())).transaction;
  } catch {
    return null;
  }
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
}
