/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  id: string;
  event: string;
  data: string;
}

/** Reads server-sent events as a browser does, one after the other. */
export class EventStreamReader {
  readonly headers: Headers;
  /** The first thing said: an id without an event. */
  readonly begun: Promise<ServerSentEvent>;
  private readonly abort: AbortController;
  private readonly blocks: AsyncGenerator<string[]>;
  private lastId = '';

  private constructor(headers: Headers, body: AsyncIterable<Uint8Array>, abort: AbortController) {
    this.headers = headers;
    this.abort = abort;
    this.blocks = readBlocks(body);
    this.begun = this.read();
  }

  /** Opens a stream and resolves as soon as it has begun. */
  static async open(url: string, lastEventId?: string): Promise<EventStreamReader> {
    const abort = new AbortController();
    const headers = lastEventId === undefined ? undefined : { 'last-event-id': lastEventId };
    const response = await fetch(url, { signal: abort.signal, headers });
    if (!response.ok || response.body === null) throw new Error(`${url} answers ${response.status}`);
    const reader = new EventStreamReader(response.headers, response.body, abort);
    await reader.begun;
    return reader;
  }

  /** The next event. Rejects when the stream has ended. */
  async next(): Promise<ServerSentEvent> {
    for (;;) {
      const event = await this.read();
      if (event.event !== '') return event;
    }
  }

  close(): void {
    this.abort.abort();
  }

  private async read(): Promise<ServerSentEvent> {
    const fields = new Map<string, string>();
    for (const line of await this.readLines()) {
      const [name = '', ...value] = line.split(': ');
      fields.set(name, value.join(': '));
    }
    this.lastId = fields.get('id') ?? this.lastId;
    return { id: this.lastId, event: fields.get('event') ?? '', data: fields.get('data') ?? '' };
  }

  private async readLines(): Promise<string[]> {
    const { value, done } = await this.blocks.next();
    if (done) throw new Error('the stream has ended');
    return value;
  }
}

async function* readBlocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield block.split('\n');
  }
}
