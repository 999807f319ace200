import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { RedisConnection } from './redis-connection';
import { holdScript, releaseScript } from './redis-scripts';

/** Who has what only one may have: its machine, and since when it runs. */
export interface Holder {
  host: string;
  since: string;
}

const replySchema = z.union([z.tuple([]), z.tuple([z.string(), z.string()])]);

/** Something in Redis that one process has at a time, as the name of an agent. Who has it must say so again and again. */
export class RedisHold {
  private readonly connection: RedisConnection;
  private readonly key: string;
  private readonly expiry: number;
  private readonly token = randomUUID();
  private readonly since = new Date().toISOString();

  /** @param expiry how long it stays with who has it after each {@link take}, in milliseconds */
  constructor(connection: RedisConnection, key: string, expiry: number) {
    this.connection = connection;
    this.key = key;
    this.expiry = expiry;
  }

  /** Takes it, or says again that we are there. Returns null if it is ours, else who has it. Throws what Redis says. */
  async take(): Promise<Holder | null> {
    const reply = await this.connection.run((client) =>
      client.eval(holdScript, { keys: [this.key], arguments: [this.token, hostname(), this.since, `${this.expiry}`] }),
    );
    const [host, since] = replySchema.parse(reply);
    return host === undefined || since === undefined ? null : { host, since };
  }

  /** Gives it back, if it is ours. Where that fails, it is free when its time is over. */
  async release(): Promise<void> {
    if (this.connection.state !== 'ready') return;
    await this.connection
      .run((client) => client.eval(releaseScript, { keys: [this.key], arguments: [this.token] }))
      .catch(() => undefined);
  }
}
