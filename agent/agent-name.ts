import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../core/luxcam-error';
import type { RedisConnection } from '../core/redis-connection';
import { type Holder, RedisHold } from '../core/redis-hold';
import { within } from './within';

/** How long Redis may take for an answer, in milliseconds, before the agent goes on without. */
const patience = 2000;

export interface AgentNameParts {
  name: string;
  connection: RedisConnection;
  log: Logger;
  /** How long a name stays taken after its agent's last word, in milliseconds: until then a crashed one keeps it. */
  expiry?: number;
}

/**
 * The right to be the agent of a name, held in Redis. Two agents of one name would both relay its outbox, answer its
 * commands and contradict each other's `offline`; so the second one waits until the first is gone.
 */
export class AgentName {
  /** Resolves when another agent has the name although this one was at work: Redis was away, or has lost its data. */
  readonly lost: Promise<undefined>;
  private readonly parts: AgentNameParts;
  private readonly expiry: number;
  /** How often its agent says that it is there, and another one asks whether it still is, in milliseconds. */
  private readonly pause: number;
  private readonly nameHold: RedisHold;
  private readonly stopped = new AbortController();
  private readonly onReady = () => void this.renew();
  private timer: NodeJS.Timeout | undefined;
  private lose: (nothing: undefined) => void = () => undefined;
  private complaint = '';

  constructor(parts: AgentNameParts) {
    this.parts = parts;
    this.expiry = parts.expiry ?? 5000;
    this.pause = this.expiry * 0.4;
    this.nameHold = new RedisHold(parts.connection, parts.connection.keys.agent(parts.name), this.expiry);
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
  }

  /**
   * Takes the name, and keeps it until the stop. Returns false if another agent has it. While Redis does not answer
   * nobody can tell: the name counts as taken then, and `lost` tells later if it was not.
   */
  async take(): Promise<boolean> {
    const { connection } = this.parts;
    if (connection.state === 'connecting') await within(patience, once(connection, 'state'));
    const holder = await this.hold();
    if (holder !== null && holder !== 'unknown') return false;
    this.keep();
    return true;
  }

  /** Waits until the agent that has the name is gone, and takes it then. Returns false if it was stopped meanwhile. */
  async wait(): Promise<boolean> {
    const { connection, name, log } = this.parts;
    const { signal } = this.stopped;
    // After a restart of Redis the agent at work must be able to take its name again before one that waits does.
    let wasAway = false;
    const watch = (state: string) => {
      wasAway ||= state === 'offline';
    };
    connection.on('state', watch);
    const began = performance.now();
    log.warn(
      { agent: name },
      `another agent of this name runs, or was killed: waiting for up to ${this.expiry / 1000} s`,
    );
    for (let told = ''; !signal.aborted; ) {
      await this.rest(this.pause);
      if (connection.state !== 'ready' || signal.aborted) continue;
      if (wasAway) {
        wasAway = false;
        // The other one's connection may try again up to two seconds later than this one's.
        await this.rest(this.expiry);
        continue;
      }
      const holder = await this.hold();
      if (holder === null) {
        connection.off('state', watch);
        this.keep();
        return true;
      }
      if (holder === 'unknown' || performance.now() - began < this.expiry) continue;
      const who = `another agent named ${name} runs on ${holder.host} since ${holder.since}`;
      if (who !== told)
        log.error({ agent: name }, `${who}: give this one another name (agent.name); until then it takes no pictures`);
      told = who;
    }
    return false;
  }

  /** Gives the name back, or stops to wait for it. */
  async stop(): Promise<void> {
    this.stopped.abort();
    clearInterval(this.timer);
    this.parts.connection.off('state', this.onReady);
    await within(patience, this.nameHold.release());
  }

  /** Waits, but no longer than until the stop. */
  private async rest(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }

  private keep(): void {
    this.timer = setInterval(() => void this.renew(), this.pause).unref();
    this.parts.connection.on('state', this.onReady);
  }

  private async renew(): Promise<void> {
    const { name, log } = this.parts;
    const holder = await this.hold();
    if (holder === null || holder === 'unknown' || this.stopped.signal.aborted) return;
    log.error(
      { agent: name },
      `another agent named ${name} runs on ${holder.host} since ${holder.since}: it goes first`,
    );
    clearInterval(this.timer);
    this.lose(undefined);
  }

  /** Takes or renews the name. Returns null if it is ours, else who has it; `unknown` if Redis does not tell. */
  private async hold(): Promise<Holder | null | 'unknown'> {
    const { connection, name, log } = this.parts;
    if (connection.state !== 'ready') return 'unknown';
    try {
      const holder = await within(patience, this.nameHold.take());
      if (holder === undefined) return 'unknown';
      this.complaint = '';
      return holder;
    } catch (error) {
      const complaint = messageOf(error);
      if (complaint !== this.complaint && connection.state === 'ready')
        log.warn({ agent: name }, `another agent of this name would not be noticed: Redis answers: ${complaint}`);
      this.complaint = complaint;
      return 'unknown';
    }
  }
}
