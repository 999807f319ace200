// The shared worker: holds the one event stream of all tabs, and passes on what it says.
import { openStream, type WorkerMessage } from './live-events';

const ports = new Set<MessagePort>();
let close: (() => void) | undefined;
let connected = false;

function tellAll(message: WorkerMessage): void {
  for (const port of ports) port.postMessage(message);
}

function join(port: MessagePort, url: string): void {
  ports.add(port);
  if (typeof EventSource === 'undefined') {
    port.postMessage({ kind: 'unable' } satisfies WorkerMessage);
    return;
  }
  if (connected) port.postMessage({ kind: 'connected', connected } satisfies WorkerMessage);
  close ??= openStream(url, {
    event: (name, data) => tellAll({ kind: 'event', name, data }),
    connected(state) {
      connected = state;
      tellAll({ kind: 'connected', connected });
    },
  });
}

function leave(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  close?.();
  close = undefined;
  connected = false;
}

addEventListener('connect', (event) => {
  const port = event instanceof MessageEvent ? event.ports[0] : undefined;
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<string>) => (data === 'leave' ? leave(port) : join(port, data));
});
