import { json } from 'express';
import type { NodeAPI } from 'node-red';
import { z } from 'zod';
import { readValue, toNodeError } from '../node-error';
import { findStore } from '../store';
import { testStore } from './store-test';
import { readTlsConfiguration } from './tls-configuration';

/** What the dialog of a store shows, saved or not. */
const requestSchema = z.object({
  id: z.string(),
  url: z.string().max(2000),
  username: z.string().max(500).default(''),
  password: z.string().max(2000).default(''),
  prefix: z.string().max(100).default(''),
  cluster: z.boolean().default(false),
  tls: z.string().default(''),
});

/** What the editor holds in place of a password that Node-RED keeps, and never sends to it. */
const keptPassword = '__PWRD__';

/** Lets the editor try the settings of a store: the answer is a report, or an error in words. */
export function serveStoreTest(RED: NodeAPI): void {
  // Only JSON, which a page of another site can't send without being asked whether it may.
  RED.httpAdmin.post(
    '/luxcam/store-test',
    RED.auth.needsPermission('flows.write'),
    json(),
    async (request, response) => {
      try {
        if (!request.is('application/json')) return void response.sendStatus(415);
        const { id, url, password, tls, ...others } = readValue(requestSchema, request.body, 'settings');
        const kept = findStore(RED, id)?.credentials.password;
        const typed = password === keptPassword ? kept : password;
        const certificates = readTlsConfiguration(RED, tls);
        const settings = { ...others, url: place(RED, id, url), password: typed };
        response.json(await testStore({ ...settings, ...(certificates && { tls: certificates }) }));
      } catch (error) {
        const { code, message } = toNodeError(error);
        response.status(400).json({ error: { code, message } });
      }
    },
  );
}

/** The URL itself, also where it stands in an environment variable. */
function place(RED: NodeAPI, id: string, url: string): string {
  const variable = /^\$\{(.+)\}$/.exec(url)?.[1];
  if (variable === undefined) return url;
  const node = findStore(RED, id);
  // A node that runs knows the variables of Node-RED's own settings, too.
  const value: unknown = node ? RED.util.evaluateNodeProperty(url, 'env', node, {}) : process.env[variable];
  return typeof value === 'string' ? value : '';
}
