import { EventEmitter } from 'node:events';
import { type Availability, availabilitySchema, parseJson, stateSchema, type Warning } from '../core/messages';
import type { Topics } from '../core/topics';
import type { CameraBroker } from './camera-control';

/** What stands between a person and a camera: its agent or the camera itself is offline. */
export type Absence = { what: 'agent' | 'camera'; name: string };

/** Knows from the broker's retained messages which cameras there are, and whether each can be reached. */
export class CameraWatch extends EventEmitter<{ change: [camera: string] }> {
  private readonly broker: CameraBroker;
  private readonly topics: Topics;
  private readonly cameras = new Map<string, Availability>();
  private readonly agents = new Map<string, Availability>();
  private readonly agentOf = new Map<string, string>();
  private readonly lastCaptures = new Map<string, number>();
  private readonly warningsOf = new Map<string, Warning[]>();

  constructor(broker: CameraBroker, topics: Topics) {
    super();
    this.setMaxListeners(0);
    this.broker = broker;
    this.topics = topics;
  }

  start(): void {
    this.broker.subscribe(this.topics.availability('+'), (topic, payload) =>
      this.hear(topic, payload, (camera, text) => {
        this.cameras.set(camera, availabilitySchema.parse(text));
        this.emit('change', camera);
      }),
    );
    this.broker.subscribe(this.topics.agentStatus('+'), (topic, payload) =>
      this.hear(topic, payload, (_, text) => {
        const agent = topic.split('/').at(-2) ?? '';
        this.agents.set(agent, availabilitySchema.parse(text));
        for (const [camera, itsAgent] of this.agentOf) if (itsAgent === agent) this.emit('change', camera);
      }),
    );
    this.broker.subscribe(this.topics.state('+'), (topic, payload) =>
      this.hear(topic, payload, (camera, text) => {
        const state = parseJson(stateSchema, text);
        this.agentOf.set(camera, state.agent);
        this.warningsOf.set(camera, state.warnings);
        if (state.last_capture !== null) this.lastCaptures.set(camera, Date.parse(state.last_capture));
        this.emit('change', camera);
      }),
    );
  }

  /** Whether a camera and its agent are online; null if nothing is known of it. */
  available(camera: string): boolean | null {
    if (this.absence(camera) !== null) return false;
    return this.cameras.has(camera) ? true : null;
  }

  /** Why a camera can't be reached; null if it can, or if nothing is known of it. */
  absence(camera: string): Absence | null {
    const agent = this.agentOf.get(camera);
    if (agent !== undefined && this.agents.get(agent) === 'offline') return { what: 'agent', name: agent };
    return this.cameras.get(camera) === 'offline' ? { what: 'camera', name: camera } : null;
  }

  /** When a camera took its last picture, in unix milliseconds, as its agent says; null if nothing is known. */
  lastCapture(camera: string): number | null {
    return this.lastCaptures.get(camera) ?? null;
  }

  /** What its agent warns of; nothing where the agent is offline, for then nobody knows whether it is still so. */
  warnings(camera: string): Warning[] {
    return this.absence(camera)?.what === 'agent' ? [] : (this.warningsOf.get(camera) ?? []);
  }

  /** The names of the cameras that the broker knows. */
  names(): string[] {
    return [...this.cameras.keys()].sort();
  }

  /** Passes a message on; an empty one clears a retained message, and one that can't be read says nothing. */
  private hear(topic: string, payload: Buffer, take: (camera: string, text: string) => void): void {
    const camera = topic.split('/').at(-2) ?? '';
    try {
      if (payload.length > 0) take(camera, payload.toString());
      else if (topic === this.topics.availability(camera)) this.forget(camera);
    } catch {
      // Anyone may publish anything under the base topic: what is no message of luxcam's is none of ours.
    }
  }

  private forget(camera: string): void {
    this.cameras.delete(camera);
    this.agentOf.delete(camera);
    this.warningsOf.delete(camera);
    this.emit('change', camera);
  }
}
