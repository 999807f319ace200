import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Node, NodeAPI, NodeStatus } from 'node-red';
import { cameraNameSchema } from '../../core/image';
import { frameLife, type LiveFrame } from '../../core/live-frame';
import { LiveFrameReader } from '../../core/live-frame-reader';
import type { RedisConnection } from '../../core/redis-connection';
import { NodeError, readValue, toNodeError } from '../node-error';
import { evaluate } from '../typed-value';
import type { ReaderSettings } from './image-reader';

/** Over how long the rate is taken at least, in milliseconds. */
const rateSpan = 1000;

/** What a live frame says of itself in `msg.image`: it is no image in the store, and has no id. */
export interface LiveFrameMessage {
  camera: string;
  number: number;
  /** How many frames came and went between the one sent before and this one. */
  skipped: number;
  captured_at: string;
  timestamp_ms: number;
  mime_type: string;
  size: number;
}

export interface LiveFramesParts {
  RED: NodeAPI;
  node: Node;
  connection: RedisConnection;
  settings: ReaderSettings;
  /** Is called when the first frame has come, and when something keeps the rest from coming. */
  onChange: () => void;
}

/** Sends a camera's live frames from a node until it is stopped: always the newest, when the one before is handed on. */
export class LiveFrames {
  private readonly parts: LiveFramesParts;
  private readonly stopped = new AbortController();
  private camera = '';
  /** From one frame to the next at least, in milliseconds. */
  private readonly pause: number;
  private reader: LiveFrameReader | undefined;
  private problem = '';
  /** When the last frame came, by the clock that never jumps. */
  private lastAt = Number.NEGATIVE_INFINITY;
  /** Frames a second, null until it is known; how many frames there were when it was taken, and when that was. */
  private rate: { value: number | null; seen: number; at: number } = { value: null, seen: 0, at: 0 };

  constructor(parts: LiveFramesParts) {
    this.parts = parts;
    const { fps } = parts.settings;
    this.pause = fps === undefined ? 0 : 1000 / fps;
  }

  start(): void {
    const { node, onChange } = this.parts;
    this.follow().catch((error: unknown) => {
      const problem = toNodeError(error);
      this.problem = problem.message;
      node.error(problem, {});
      onChange();
    });
  }

  stop(): void {
    this.stopped.abort();
  }

  /** What the node is at, in words. */
  status(): NodeStatus {
    const { RED } = this.parts;
    const { camera, reader } = this;
    if (this.problem !== '') return { fill: 'red', shape: 'ring', text: this.problem };
    if (reader === undefined || reader.counts.seen === 0)
      return { fill: 'yellow', shape: 'ring', text: RED._('status.liveWaiting', { camera }) };
    const { skipped } = reader.counts;
    if (this.missing) return { fill: 'yellow', shape: 'ring', text: RED._('status.liveMissing', { camera }) };
    const rate = this.measureRate(reader.counts.seen);
    const text =
      rate === null ? RED._('status.liveBegins', { camera }) : RED._('status.live', { camera, rate, skipped });
    return { fill: 'green', shape: 'dot', text };
  }

  private async follow(): Promise<void> {
    const { RED, node, connection, settings, onChange } = this.parts;
    const { pause } = this;
    const value = await evaluate(RED, node, { value: settings.camera, type: settings.cameraType }, {});
    const camera = readValue(cameraNameSchema.optional(), value, 'camera');
    if (camera === undefined) throw new NodeError('invalid_request', RED._('error.liveCamera'));
    const { signal } = this.stopped;
    this.camera = camera;
    this.reader = new LiveFrameReader(connection, camera);
    const { counts } = this.reader;
    let due = performance.now();
    let skipped = 0;
    onChange();
    for await (const frame of this.reader.frames(signal)) {
      node.send({ topic: camera, payload: frame.jpeg, image: this.describe(frame, counts.skipped - skipped) });
      skipped = counts.skipped;
      const first = this.missing;
      this.lastAt = performance.now();
      if (first) {
        this.rate = { value: null, seen: counts.seen, at: performance.now() };
        onChange();
      }
      // Here the frame is handed on, and others get their turn. Frames that come meanwhile are skipped.
      due = Math.max(due + pause, performance.now());
      if (pause === 0) await setImmediate();
      else await setTimeout(due - performance.now(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whether the last frame is too long ago for another to be on its way. */
  private get missing(): boolean {
    return performance.now() - this.lastAt > frameLife + this.pause;
  }

  private describe({ number, capturedAt, jpeg }: LiveFrame, skipped: number): LiveFrameMessage {
    return {
      camera: this.camera,
      number,
      skipped,
      captured_at: new Date(capturedAt).toISOString(),
      timestamp_ms: capturedAt,
      mime_type: 'image/jpeg',
      size: jpeg.length,
    };
  }

  private measureRate(seen: number): number | null {
    const at = performance.now();
    const span = at - this.rate.at;
    if (span > rateSpan) this.rate = { value: Math.round(((seen - this.rate.seen) * 10_000) / span) / 10, seen, at };
    return this.rate.value;
  }
}
