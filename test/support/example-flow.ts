import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { users } from './node-red-process';

const folder = path.join(__dirname, '../../examples');
const flowSchema = z.array(z.looseObject({ id: z.string(), type: z.string() }));

export type FlowNode = z.infer<typeof flowSchema>[number];

/** The names under which the Import menu offers our examples. */
export const exampleNames = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/**
 * An example as it is imported, but for what its reader would put in too: the addresses of Redis and broker, and of
 * the Node-RED at `nodeRed`, with the password of its http nodes. What its debug nodes show goes to the log as well.
 */
export function readExample(name: string, place: { redis: string; mqttPort: number; nodeRed: string }): FlowNode[] {
  return parseJson(flowSchema, readFileSync(path.join(folder, `${name}.json`), 'utf8')).map((node) => {
    if (node.type === 'redis-image-store') return { ...node, url: place.redis };
    if (node.type === 'mqtt-broker') return { ...node, broker: '127.0.0.1', port: `${place.mqttPort}` };
    if (node.type === 'debug') return { ...node, console: true };
    if (node.type !== 'http request') return node;
    const { name: user, password } = users.visitor;
    const url = `${node.url}`.replace('http://localhost:1880', place.nodeRed);
    return { ...node, url, authType: 'basic', credentials: { user, password } };
  });
}
