import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow, NodeStatus } from 'node-red';
import { z } from 'zod';
import { cameraNameSchema } from '../../core/image';
import {
  announcementSchema,
  burstLimit,
  captureCommandSchema,
  captureCommandText,
  parseJson,
  ttlSchema,
} from '../../core/messages';
import { Topics } from '../../core/topics';
import { CameraWatch } from '../../gallery/camera-watch';
import type { Broker } from '../broker';
import { offerCameras } from '../known-cameras';
import { NodeError, readValue, toNodeError } from '../node-error';
import { baseTopicSchema } from '../settings';
import { ageText, StatusLine } from '../status-line';
import { evaluate, optionalNumber, typedText } from '../typed-value';
import { CapturesInFlight } from './captures-in-flight';

/** The settings of a capture node. */
export const captureSettingsSchema = z.object({
  broker: z.string().default(''),
  base: baseTopicSchema.default('luxcam'),
  camera: z.string().default(''),
  cameraType: z.string().default('str'),
  /** Seconds. */
  ttl: typedText.default(''),
  ttlType: z.string().default('num'),
  burst: typedText.default('1'),
  burstType: z.string().default('num'),
  meta: z.string().default('meta'),
  metaType: z.string().default('msg'),
  /** Seconds. */
  timeout: z.coerce.number().min(0.1).max(3600).default(10),
});
type Settings = z.infer<typeof captureSettingsSchema>;
type Send = (message: NodeMessage) => void;

const burstSchema = z.number().int().min(1).max(burstLimit);

/** Codes that the locale file has words for. */
const failureWords = ['camera_busy', 'camera_failed', 'camera_timeout', 'store_unavailable', 'broker_unavailable'];

/** One capture node at work: asks for pictures and waits for their announcements. */
export class CaptureClient {
  private readonly RED: NodeAPI;
  private readonly node: Node;
  private readonly broker: Broker;
  private readonly settings: Settings;
  private readonly topics: Topics;
  private readonly watch: CameraWatch;
  private readonly flight = new CapturesInFlight();
  private readonly status: StatusLine;
  private readonly stopped = new AbortController();
  private withdrawCameras: (() => void) | undefined;
  /** The camera that the status speaks of: the fixed one, or the one that was asked last. */
  private camera: string | null;
  private lastImages = new Map<string, number>();
  private failure: string | null = null;

  constructor(RED: NodeAPI, node: Node, broker: Broker, settings: Settings) {
    this.RED = RED;
    this.node = node;
    this.broker = broker;
    this.settings = settings;
    this.topics = new Topics(settings.base);
    this.watch = new CameraWatch(broker, this.topics);
    this.status = new StatusLine(node, () => this.statusNow());
    this.camera = settings.cameraType === 'str' ? settings.camera || null : null;
  }

  start(): void {
    this.broker.on('change', () => this.status.refresh());
    this.watch.on('change', () => this.status.refresh());
    this.watch.start();
    this.broker.subscribe(this.topics.event('+'), (_topic, payload) => this.hear(payload));
    this.broker.start();
    this.withdrawCameras = offerCameras(() => this.watch.names());
    this.status.start();
  }

  stop(removed: boolean): void {
    this.withdrawCameras?.();
    this.stopped.abort();
    this.flight.stop();
    this.status.stop();
    this.broker.stop(removed);
  }

  /** Resolves after the last picture has been sent; rejects once, with the error for the catch node. */
  async capture(msg: NodeMessageInFlow, send: Send): Promise<void> {
    const { RED, watch, topics } = this;
    const transaction = RED.util.generateId();
    const { camera, command } = await this.readRequest(msg, transaction);
    this.camera = camera;
    this.failure = null;
    // Its agent would never hear of it: commands are not kept for those who are away. A camera that is offline while
    // its agent is there is asked all the same: the agent tells what is wrong, and tries again.
    const absence = watch.absence(camera);
    if (absence?.what === 'agent')
      throw this.failed('camera_failed', 'error.agentOffline', { camera, agent: absence.name });
    const patience = this.settings.timeout * 1000;
    const text = captureCommandText(command);
    const answered = this.flight.wait({
      transaction,
      patience,
      onImage: (payload) => {
        const { burst } = payload;
        const parts = burst && burst.of > 1 && { parts: { id: transaction, index: burst.index - 1, count: burst.of } };
        send({ ...RED.util.cloneMessage(msg), ...parts, payload });
      },
      onSilence: (spooled) => this.silence(camera, spooled),
    });
    this.status.refresh();
    const settled = new AbortController();
    this.publish(topics.capture(camera), text, settled.signal).catch((error: unknown) =>
      this.flight.fail(transaction, toNodeError(error)),
    );
    try {
      await answered;
    } catch (error) {
      const { code } = toNodeError(error);
      this.failure = this.RED._(failureWords.includes(code) ? `failure.${code}` : 'failure.other', { camera });
      throw error;
    } finally {
      settled.abort();
      this.status.refresh();
    }
  }

  /** Publishes a request as soon as the broker is there, unless it is too late by then. */
  private async publish(topic: string, payload: string, settled: AbortSignal): Promise<void> {
    const deadline = Date.now() + this.settings.timeout * 1000;
    await this.broker.ready(AbortSignal.any([settled, this.stopped.signal]));
    const expiry = Math.max(1, Math.ceil((deadline - Date.now()) / 1000));
    await this.broker.publish({ topic, payload, qos: 1, expiry });
  }

  private async readRequest(msg: NodeMessage, transaction: string) {
    const { settings } = this;
    const value = (name: 'camera' | 'ttl' | 'burst' | 'meta') =>
      evaluate(this.RED, this.node, { value: settings[name], type: settings[`${name}Type`] }, msg);
    const named = msg.camera ?? (await value('camera'));
    if (named === undefined) throw new NodeError('invalid_request', this.RED._('error.noCamera'));
    const ttl = readValue(optionalNumber(ttlSchema), msg.ttl ?? (await value('ttl')), 'ttl');
    const burst = readValue(optionalNumber(burstSchema), await value('burst'), 'burst') ?? 1;
    const meta = msg.meta ?? (await value('meta'));
    return {
      camera: readValue(cameraNameSchema, named, 'camera'),
      command: readValue(captureCommandSchema, { transaction, ttl, meta, ...(burst > 1 && { burst }) }, 'msg'),
    };
  }

  private hear(payload: Buffer): void {
    const announcement = readAnnouncement(payload);
    if (announcement === null) return;
    if (announcement.event === 'captured') {
      this.lastImages.set(announcement.camera, Date.now());
      if (announcement.camera === this.camera) this.failure = null;
    }
    this.flight.take(announcement);
    this.status.refresh();
  }

  private silence(camera: string, spooled: boolean): NodeError {
    const seconds = this.settings.timeout;
    if (!this.broker.connected) return this.failed('broker_unavailable', 'error.brokerAway', { seconds });
    if (spooled) return this.failed('store_unavailable', 'error.spooled', { camera });
    if (this.watch.available(camera) === null) {
      const known = this.watch.names().join(', ') || this.RED._('error.none');
      return this.failed('camera_timeout', 'error.unknownCamera', { camera, seconds, known });
    }
    return this.failed('camera_timeout', 'error.timeout', { camera, seconds });
  }

  private failed(code: string, key: string, values: Record<string, string | number>): NodeError {
    return new NodeError(code, this.RED._(key, values));
  }

  private statusNow(): NodeStatus {
    const translate = this.RED._;
    const { camera } = this;
    if (!this.broker.connected) return { fill: 'yellow', shape: 'ring', text: translate('status.connecting') };
    if (this.flight.size > 0) return { fill: 'blue', shape: 'dot', text: translate('status.capturing') };
    const absence = camera === null ? null : this.watch.absence(camera);
    if (absence?.what === 'agent') return { fill: 'red', shape: 'ring', text: translate('status.agentOffline') };
    if (this.failure !== null) return { fill: 'red', shape: 'dot', text: this.failure };
    if (absence !== null)
      return { fill: 'red', shape: 'ring', text: translate('status.cameraOffline', { camera: absence.name }) };
    const last = camera === null ? null : (this.lastImages.get(camera) ?? this.watch.lastCapture(camera));
    const text = last === null ? translate('status.ready') : `${camera}, ${ageText(translate, last)}`;
    return { fill: 'green', shape: 'dot', text };
  }
}

function readAnnouncement(payload: Buffer) {
  try {
    return parseJson(announcementSchema, payload.toString());
  } catch {
    // Anyone may publish anything there: what is no announcement is nothing to us.
    return null;
  }
}
