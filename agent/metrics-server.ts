import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { messageOf } from '../core/luxcam-error';
import { type Metric, prometheusContentType, prometheusText } from '../core/prometheus-text';
import type { MetricsSettings } from './monitoring-settings';

/** Serves the agent's metrics at `/metrics`, and nothing else. */
export class MetricsServer {
  private readonly settings: MetricsSettings;
  private readonly read: () => Promise<Metric[]>;
  private readonly log: Logger;
  private server: Server | undefined;

  constructor(settings: MetricsSettings, read: () => Promise<Metric[]>, log: Logger) {
    this.settings = settings;
    this.read = read;
    this.log = log;
  }

  /** Listens. Where it can't, that is logged: pictures matter more. */
  async start(): Promise<void> {
    const { host, port } = this.settings;
    const server = createServer((request, response) => void this.answer(request, response));
    try {
      await once(server.listen(port, host), 'listening');
      this.server = server;
      this.log.info(`metrics at http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`);
    } catch (error) {
      const remedy = 'choose another metrics.port or metrics.host; the agent runs without';
      this.log.error(`metrics can't be served on ${host}, port ${port} (${messageOf(error)}): ${remedy}`);
    }
  }

  async stop(): Promise<void> {
    if (this.server === undefined) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer({ url = '', method }: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = url.split('?')[0] === '/metrics' && (method === 'GET' || method === 'HEAD');
    try {
      const text = found ? prometheusText(await this.read()) : 'Look at /metrics\n';
      response.writeHead(found ? 200 : 404, {
        'Content-Type': found ? prometheusContentType : 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
    } catch (error) {
      this.log.error(`the metrics could not be read: ${messageOf(error)}`);
      response.writeHead(500).end();
    }
  }
}
