import { inject } from 'vue';
import * as z from 'zod/mini';
import type { LiveEvents, LiveEventsListener } from './live-events';
import { parseLiveEvent } from './messages';

/** The dashboard's socket, as far as a widget needs it. */
export interface DashboardSocket {
  connected: boolean;
  on(event: string, listener: (message: unknown) => void): void;
  off(event: string, listener: (message: unknown) => void): void;
  emit(event: string, id: string, message: unknown): void;
}

/** What the node gives its widget, besides what every widget has. */
export interface LuxcamProps {
  /** In rows of the dashboard's grid; 0 or absent where the widget may be as high as it likes. */
  height?: number | string;
  luxcam: {
    /** The gallery's mount, relative to the dashboard's own path: `../luxcam/`. */
    base: string;
    /** A camera that the widget is bound to, or empty. */
    camera: string;
  };
}

const storeSchema = z.object({ state: z.object({ setup: z.object({ setup: z.object({ basePath: z.string() }) }) }) });

/**
 * The gallery's address. The dashboard's store knows under which path the browser sees the dashboard, also behind a
 * proxy that adds a prefix; Vuex provides its store under the name `store`.
 */
export function dashboardBase(relativeBase: string): string {
  const { basePath } = storeSchema.parse(inject('store')).state.setup.setup;
  const dashboard = new URL(withSlash(basePath), location.origin);
  return new URL(withSlash(relativeBase), dashboard).href;
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

const pushSchema = z.object({ payload: z.object({ luxcam: z.object({ event: z.string(), data: z.unknown() }) }) });

/** The live events of a widget: the node sends them over the dashboard's socket, so a widget needs no stream. */
export class DashboardEvents implements LiveEvents {
  private readonly socket: DashboardSocket;
  private readonly id: string;
  private listener: LiveEventsListener | undefined;

  constructor(socket: DashboardSocket, id: string) {
    this.socket = socket;
    this.id = id;
  }

  start(listener: LiveEventsListener): void {
    this.listener = listener;
    this.socket.on(`msg-input:${this.id}`, this.heard);
    this.socket.on('connect', this.connected);
    this.socket.on('disconnect', this.disconnected);
    listener.connected(this.socket.connected);
  }

  stop(): void {
    this.socket.off(`msg-input:${this.id}`, this.heard);
    this.socket.off('connect', this.connected);
    this.socket.off('disconnect', this.disconnected);
  }

  private readonly heard = (message: unknown): void => {
    // Messages of the flow can reach the widget too; those that are not ours are not for us to judge.
    const push = pushSchema.safeParse(message);
    if (!push.success) return;
    const { event, data } = push.data.payload.luxcam;
    try {
      const known = parseLiveEvent(event, data);
      if (known !== undefined) this.listener?.event(known);
    } catch (error) {
      this.listener?.problem(error);
    }
  };

  private readonly connected = (): void => this.listener?.connected(true);
  private readonly disconnected = (): void => this.listener?.connected(false);
}
