import { type LiveEvent, liveEventNames, parseLiveEvent } from './messages';

/** What somebody who follows the live events is told. */
export interface LiveEventsListener {
  event(event: LiveEvent): void;
  /** The connection came (perhaps anew: what happened in between may be missing) or went. */
  connected(connected: boolean): void;
  /** An event could not be read. */
  problem(error: unknown): void;
}

/** Where live events come from: the page has a stream of its own, the widget the dashboard's socket. */
export interface LiveEvents {
  start(listener: LiveEventsListener): void;
  stop(): void;
}

/** What the shared worker says to its pages. */
export type WorkerMessage =
  | { kind: 'event'; name: string; data: string }
  | { kind: 'connected'; connected: boolean }
  | { kind: 'unable' };

/** How long to wait before a stream that the server has refused is tried again. */
const retryMilliseconds = 5000;

/** The server says something at least every 20 seconds (../event-stream.ts): so long without a word, and it is lost. */
const silenceMilliseconds = 50_000;

/**
 * Opens the server's event stream and keeps it open. Returns a function that closes it. A stream that hangs ends with no
 * error, or only after a quarter of an hour; so one that is silent is given up, and opened anew.
 */
export function openStream(
  url: string,
  handlers: { event(name: string, data: string): void; connected(connected: boolean): void },
): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(retry);
    clearTimeout(silence);
    source?.close();
  };
  const open = () => {
    const stream = new EventSource(url);
    source = stream;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(giveUp, silenceMilliseconds);
    };
    // From now on: the server may take the connection and then never answer.
    heard();
    stream.onopen = () => {
      heard();
      handlers.connected(true);
    };
    stream.onerror = () => {
      handlers.connected(false);
      // An EventSource reconnects by itself, but gives up for good after an HTTP error.
      if (stream.readyState !== EventSource.CLOSED) return;
      clearTimeout(silence);
      retry = setTimeout(open, retryMilliseconds);
    };
    stream.addEventListener('alive', heard);
    for (const name of liveEventNames)
      stream.addEventListener(name, (message: MessageEvent<string>) => {
        heard();
        handlers.event(name, message.data);
      });
  };
  const giveUp = () => {
    close();
    handlers.connected(false);
    open();
  };
  open();
  return close;
}

/**
 * The live events of the page: one stream for all tabs of the browser, which has six connections to a server and no
 * more. A shared worker holds it; where there is none, each tab has a stream while it can be seen.
 */
export class StreamedEvents implements LiveEvents {
  private readonly url: string;
  private listener: LiveEventsListener | undefined;
  private port: MessagePort | undefined;
  private close: (() => void) | undefined;

  constructor(url: string) {
    this.url = url;
  }

  start(listener: LiveEventsListener): void {
    this.listener = listener;
    if (typeof SharedWorker === 'undefined') this.followVisibility();
    else this.joinWorker();
  }

  stop(): void {
    this.port?.postMessage('leave');
    this.port?.close();
    document.removeEventListener('visibilitychange', this.visibilityChanged);
    this.close?.();
    this.close = undefined;
  }

  private joinWorker(): void {
    const worker = new SharedWorker(new URL('./event-worker.ts', import.meta.url), { type: 'module', name: this.url });
    const port = worker.port;
    this.port = port;
    worker.onerror = () => this.leaveWorker();
    port.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.kind === 'event') this.tell(data.name, data.data);
      else if (data.kind === 'connected') this.listener?.connected(data.connected);
      else this.leaveWorker();
    };
    port.postMessage(this.url);
    // A page in the back-forward cache is frozen: it leaves, and joins again when it comes back.
    addEventListener('pagehide', () => port.postMessage('leave'));
    addEventListener('pageshow', (event) => event.persisted && port.postMessage(this.url));
  }

  private leaveWorker(): void {
    if (this.port === undefined) return;
    this.port.close();
    this.port = undefined;
    this.followVisibility();
  }

  private followVisibility(): void {
    document.addEventListener('visibilitychange', this.visibilityChanged);
    this.visibilityChanged();
  }

  private readonly visibilityChanged = (): void => {
    if (document.visibilityState === 'hidden') {
      this.close?.();
      this.close = undefined;
      return;
    }
    this.close ??= openStream(this.url, {
      event: (name, data) => this.tell(name, data),
      connected: (connected) => this.listener?.connected(connected),
    });
  };

  private tell(name: string, text: string): void {
    try {
      const event = parseLiveEvent(name, text === '' ? undefined : JSON.parse(text));
      if (event !== undefined) this.listener?.event(event);
    } catch (error) {
      this.listener?.problem(error);
    }
  }
}
