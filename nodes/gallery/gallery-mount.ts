import type { RequestHandler } from 'express';
import type { NodeAPI } from 'node-red';
import type { Gallery } from '../../gallery/gallery';
import { galleryRouter } from '../../gallery/router';

/** Who serves at a path now: the id of a node, and its gallery. Null while a deploy is under way, or for good. */
type Place = { owner: string; gallery: Gallery } | null;

/** What is mounted in each app. A route stays where it was mounted once, and looks up who serves there. */
const mountedIn = new WeakMap<object, Map<string, Place>>();

/**
 * Serves a gallery under a path of Node-RED's http nodes, with their middleware. Returns the function that ends that,
 * or null if another node serves there already.
 */
export function mountGallery(RED: NodeAPI, path: string, owner: string, gallery: Gallery): (() => void) | null {
  const places = mountedIn.get(RED.httpNode) ?? new Map<string, Place>();
  mountedIn.set(RED.httpNode, places);
  const taken = places.get(path);
  if (taken) return null;
  places.set(path, { owner, gallery });
  if (taken === undefined) {
    // Node-RED applies its `httpNodeAuth` to all that is mounted here, but no middleware to the routes of nodes.
    const middleware = [...handlers(RED.settings.httpNodeMiddleware), ...handlers(dashboardMiddleware(RED.settings))];
    RED.httpNode.use(
      `/${path}`,
      ...middleware,
      galleryRouter(() => places.get(path)?.gallery),
    );
  }
  return () => {
    if (places.get(path)?.owner === owner) places.set(path, null);
  };
}

function handlers(setting: unknown): RequestHandler[] {
  return (Array.isArray(setting) ? setting : [setting]).filter(isHandler);
}

function isHandler(value: unknown): value is RequestHandler {
  return typeof value === 'function';
}

function dashboardMiddleware(settings: object): unknown {
  const dashboard: unknown = 'dashboard' in settings ? settings.dashboard : undefined;
  return typeof dashboard === 'object' && dashboard !== null && 'middleware' in dashboard
    ? dashboard.middleware
    : undefined;
}
