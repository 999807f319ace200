import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port';
import { ServerProcess } from './server-process';

const hashSync: (password: string, rounds: number) => string = require('bcryptjs').hashSync;

/** Where the editor and the http nodes are. */
const roots = { admin: '/admin', node: '/red' };

const repository = path.resolve(__dirname, '../..');

/** Who may open the editor, and who may see the http nodes. */
export const users = { admin: { name: 'ada', password: 'admin-secret' }, visitor: { name: 'vic', password: 'visit' } };

/**
 * A real Node-RED with the built nodes of this repository, its editor at `/admin` and its http nodes at `/red`, both
 * behind passwords, and with middleware that marks what passes it. LUXCAM_NODE and LUXCAM_NODE_RED (the package's
 * folder) choose another Node and Node-RED.
 */
export class NodeRedProcess {
  /** Where the http nodes are, without a slash at the end. */
  url = '';
  /** Where the editor and its routes are. */
  adminUrl = '';
  private folder = '';
  private token = '';
  private environment: NodeJS.ProcessEnv = {};
  private server: ServerProcess | undefined;

  async start(environment: NodeJS.ProcessEnv = {}, { admin: adminRoot, node: nodeRoot } = roots): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-node-red-'));
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}${nodeRoot}`.replace(/\/$/, '');
    this.adminUrl = `http://127.0.0.1:${port}${adminRoot}`.replace(/\/$/, '');
    const { admin, visitor } = users;
    const settings = {
      uiHost: '127.0.0.1',
      uiPort: port,
      httpAdminRoot: adminRoot,
      httpNodeRoot: nodeRoot,
      adminAuth: {
        type: 'credentials',
        users: [{ username: admin.name, password: hashSync(admin.password, 4), permissions: '*' }],
      },
      httpNodeAuth: { user: visitor.name, pass: hashSync(visitor.password, 4) },
      nodesDir: [repository],
      editorTheme: { tours: false },
      credentialSecret: false,
      // A node that takes longer to close is an error in the log.
      nodeCloseTimeout: 1000,
      mqttReconnectTime: 200,
      telemetry: { enabled: false, updateNotification: false },
      logging: { console: { level: 'info', metrics: false, audit: false } },
    };
    await writeFile(
      path.join(this.folder, 'settings.js'),
      `const mark = (name) => (request, response, next) => { response.setHeader(name, 'passed'); next(); };
      const middleware = { httpNodeMiddleware: mark('x-http-node'), dashboard: { middleware: mark('x-dashboard') } };
      module.exports = { ...${JSON.stringify(settings)}, ...middleware };\n`,
    );
    this.environment = { ...process.env, ...environment };
    return this.resume();
  }

  /** Starts it again, at the same place and with the flow that it had, after a `kill`. */
  async resume(): Promise<this> {
    const nodeRed = process.env.LUXCAM_NODE_RED ?? path.dirname(require.resolve('node-red/package.json'));
    this.server = new ServerProcess(
      process.env.LUXCAM_NODE ?? process.execPath,
      [path.join(nodeRed, 'red.js'), '--userDir', this.folder, '--settings', path.join(this.folder, 'settings.js')],
      this.environment,
    );
    await this.server.printed(/Server now running/);
    await this.started(0);
    this.token = await this.signIn();
    return this;
  }

  /** Takes it away, as a crash does, and keeps its folder. */
  async kill(): Promise<void> {
    await this.server?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** All that it has logged so far. */
  get log(): string {
    return this.server?.output ?? '';
  }

  /** Resolves once the log matches, after its first `since` characters. */
  async logged(pattern: RegExp, since = 0): Promise<RegExpMatchArray> {
    if (this.server === undefined) throw new Error('Node-RED was not started');
    return this.server.printed(pattern, since);
  }

  /**
   * Deploys a flow in place of all others, and resolves when it runs. Rejects if node types are missing.
   * `nodes`: only what has changed is started anew, as by "Modified Nodes" in the editor's menu.
   */
  async deploy(flows: object[], type: 'full' | 'nodes' = 'full'): Promise<void> {
    const since = this.log.length;
    const response = await this.admin('flows', 'POST', { flows }, { 'node-red-deployment-type': type });
    if (!response.ok) throw new Error(`the flow was refused: ${await response.text()}`);
    await this.started(since);
  }

  /** Asks an admin route as the signed-in user. */
  async admin(route: string, method = 'GET', body?: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.adminUrl}/${route}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        accept: 'application/json',
        'content-type': 'application/json',
        'node-red-api-version': 'v2',
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
  }

  /** The part of the editor's page that one set of nodes contributes. */
  async editorPage(route: string): Promise<Response> {
    return fetch(`${this.adminUrl}/${route}`, {
      headers: { authorization: `Bearer ${this.token}`, accept: 'text/html' },
    });
  }

  /** Asks an http node, as the visitor. */
  async visit(route: string): Promise<Response> {
    const { name, password } = users.visitor;
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    return fetch(`${this.url}/${route}`, { headers: { authorization } });
  }

  /** Resolves when flows have started of which nothing stood in the log's first `since` characters. */
  private async started(since: number): Promise<void> {
    const [what] = await this.logged(/Started (flows|modified nodes)|missing types/, since);
    if (what === 'missing types') throw new Error(`node types are missing:\n${this.log}`);
  }

  private async signIn(): Promise<string> {
    const { name: username, password } = users.admin;
    const request = { client_id: 'node-red-admin', grant_type: 'password', scope: '*', username, password };
    const response = await fetch(`${this.adminUrl}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer: unknown = await response.json();
    if (typeof answer === 'object' && answer !== null && 'access_token' in answer) return `${answer.access_token}`;
    throw new Error(`Node-RED let nobody in: ${JSON.stringify(answer)}`);
  }
}
