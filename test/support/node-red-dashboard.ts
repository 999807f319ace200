import { z } from 'zod';
import { parseJson } from '../../core/messages';
import type { NodeRedProcess } from './node-red-process';

const eventSchema = z.array(z.unknown());

/** A stranger's end of the dashboard's socket: Socket.IO over long polling, as a browser begins it. */
export class DashboardVisitor {
  private readonly nodeRed: NodeRedProcess;
  private session = '';
  /** What came over the socket and was not handed out yet: the arguments of each event, its name first. */
  private readonly events: unknown[][] = [];
  /** All that came over the socket, as text. */
  heard = '';

  constructor(nodeRed: NodeRedProcess) {
    this.nodeRed = nodeRed;
  }

  async start(): Promise<this> {
    const opened = await (await fetch(this.address())).text();
    this.session = parseJson(z.object({ sid: z.string() }), opened.slice(1)).sid;
    await this.post('40');
    return this;
  }

  /** The next event of a name that begins like this; others are passed over. */
  async event(name: string): Promise<unknown[]> {
    for (;;) {
      const event = this.events.shift();
      if (event === undefined) await this.poll();
      else if (`${event[0]}`.startsWith(name)) return event;
    }
  }

  /** Sends an event, as a widget in a browser does. */
  async emit(...event: unknown[]): Promise<void> {
    await this.post(`42${JSON.stringify(event)}`);
  }

  private async poll(): Promise<void> {
    const text = await (await fetch(this.address())).text();
    for (const packet of text.split('\x1e')) {
      // 2 asks whether we are still there, 42 carries an event.
      if (packet === '2') await this.post('3');
      if (!packet.startsWith('42')) continue;
      this.heard += packet;
      this.events.push(parseJson(eventSchema, packet.slice(2)));
    }
  }

  private async post(packet: string): Promise<void> {
    const response = await fetch(this.address(), { method: 'POST', body: packet });
    if (!response.ok) throw new Error(`the dashboard refused ${packet}: ${await response.text()}`);
  }

  private address(): string {
    const session = this.session === '' ? '' : `&sid=${this.session}`;
    return `${this.nodeRed.url}/dashboard/socket.io/?EIO=4&transport=polling${session}`;
  }
}
