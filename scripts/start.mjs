// `npm start`: everything luxcam needs, on this machine, without a trace left behind.
//   REDIS_URL, MQTT_URL   use these servers instead of private ones
//   LUXCAM_INPUT          a device, file or URL that ffmpeg reads, instead of the Pi camera or the simulated one
//   HOST, PORT            where Node-RED listens: 127.0.0.1 and 1880
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { Child, freePort, isFree, reachable } from './child.mjs';
import { cacheFolder, ensurePackages, ensurePrograms, fail, findProgram, root } from './set-up.mjs';

const environment = process.env;
const host = environment.HOST ?? '127.0.0.1';
const port = Number(environment.PORT ?? 1880);
const camera = 'garden';
const loopback = ['127.0.0.1', 'localhost', '::1'].includes(host);
/** Where browsers find us: on all addresses, it is this machine's own that others need to know. */
const shownHost = host === '0.0.0.0' || host === '::' ? ownAddress() : host;
const origin = `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`;
/** An editor that others reach lets them run programs here, so it gets a password. */
const password = loopback ? '' : (environment.LUXCAM_PASSWORD ?? randomBytes(9).toString('base64url'));

if (!Number.isInteger(port) || port < 1 || port > 65535)
  fail(`PORT is a number from 1 to 65535, not '${environment.PORT}'.`);
checkAddress('REDIS_URL', /^(rediss?|unix):$/, 'redis://host:6379');
checkAddress('MQTT_URL', /^mqtts?:$/, 'mqtt://host:1883');
ensurePackages();
ensurePrograms([
  ...(environment.REDIS_URL ? [] : ['redis-server']),
  ...(environment.MQTT_URL ? [] : ['mosquitto']),
  ...(environment.LUXCAM_INPUT ? ['ffmpeg'] : []),
]);
const { ensureBuild } = await import('./build.mjs');
ensureBuild();

if (!(await isFree(host, port)))
  fail(`Something else listens on port ${port} of ${host} already. Choose another port: PORT=${port + 1} npm start`);

const folder = mkdtempSync(path.join(tmpdir(), 'luxcam-'));
const logs = cacheFolder('logs');
/** What runs, in the order in which it was started; it is stopped the other way round. */
const children = [];
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));

const redisUrl = environment.REDIS_URL ?? (await startRedis());
const mqttUrl = environment.MQTT_URL ?? (await startMosquitto());
await startNodeRed();
await startAgent();
console.log(`
Editor     ${origin}/
Dashboard  ${origin}/dashboard/luxcam
Gallery    ${origin}/luxcam/
Redis      ${withoutPassword(redisUrl)}
MQTT       ${withoutPassword(mqttUrl)}
${password ? `\nSign in as luxcam with the password ${password}\n` : ''}
A picture every 10 seconds. Ctrl-C stops everything; the logs are in ${path.relative(process.cwd(), logs) || '.'}.`);

async function startRedis() {
  const redisPort = await freePort();
  const place = ['--bind', '127.0.0.1', '--port', `${redisPort}`, '--dir', folder, '--save', '', '--appendonly', 'no'];
  start('redis', findProgram('redis-server'), [...place, '--maxmemory', '256mb', '--maxmemory-policy', 'volatile-ttl']);
  await ready('redis', () => reachable(redisPort));
  return `redis://127.0.0.1:${redisPort}`;
}

async function startMosquitto() {
  const mqttPort = await freePort();
  const configuration = path.join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${mqttPort} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'user root',
    'set_tcp_nodelay true',
  ];
  writeFileSync(configuration, `${lines.join('\n')}\n`);
  start('mosquitto', findProgram('mosquitto'), ['-c', configuration]);
  await ready('mosquitto', () => reachable(mqttPort));
  return `mqtt://127.0.0.1:${mqttPort}`;
}

async function startNodeRed() {
  const broker = new URL(mqttUrl);
  if (broker.protocol !== 'mqtt:')
    console.log(`The flow can't reach ${broker.protocol}// by itself: add a TLS configuration to its broker node.`);
  const userDirectory = path.join(root, 'flows');
  if (broker.username !== '')
    writeFileSync(
      path.join(userDirectory, 'flows_cred.json'),
      JSON.stringify({ 'luxcam-broker': { user: `\${LUXCAM_MQTT_USER}`, password: `\${LUXCAM_MQTT_PASSWORD}` } }),
    );
  start('node-red', process.execPath, [path.join(root, 'node_modules/node-red/red.js'), '--userDir', userDirectory], {
    LUXCAM_HOST: host,
    LUXCAM_PORT: `${port}`,
    LUXCAM_PASSWORD: password,
    LUXCAM_REDIS_URL: redisUrl,
    LUXCAM_MQTT_HOST: broker.hostname,
    LUXCAM_MQTT_PORT: broker.port || '1883',
    LUXCAM_MQTT_USER: decodeURIComponent(broker.username),
    LUXCAM_MQTT_PASSWORD: decodeURIComponent(broker.password),
  });
  const near = shownHost === host ? origin : `http://127.0.0.1:${port}`;
  await ready('node-red', async () => (await fetch(`${near}/luxcam/`, { redirect: 'manual' })).status !== 404);
}

async function startAgent() {
  const configuration = path.join(folder, 'luxcam.yaml');
  const settings = {
    // The agent is the demonstration's own, whatever this machine is called.
    agent: { name: 'demo', spool: { path: path.join(folder, 'spool') } },
    redis: { url: redisUrl },
    mqtt: { url: mqttUrl },
    cameras: {
      [camera]: { source: source(), ttl: '15m', triggers: [{ type: 'timer', every: '10s' }], live: { fps: 4 } },
    },
  };
  // JSON is YAML too. The file holds passwords where the addresses do.
  writeFileSync(configuration, JSON.stringify(settings), { mode: 0o600 });
  const agent = start('agent', process.execPath, [
    path.join(root, 'dist/agent/main.js'),
    'agent',
    '--config',
    configuration,
  ]);
  await ready('agent', async () => agent.output.includes('broker connected'));
}

/** The camera's source: what was asked for, else the Pi's camera, else a simulated one. */
function source() {
  if (environment.LUXCAM_INPUT) return { type: 'ffmpeg', input: environment.LUXCAM_INPUT };
  const program = findProgram('rpicam-still') ?? findProgram('libcamera-still');
  const listed = program && spawnSync(program, ['--list-cameras'], { encoding: 'utf8', timeout: 10_000 });
  if (listed && /^\s*\d+ : /m.test(`${listed.stdout}${listed.stderr}`)) return { type: 'rpicam' };
  return { type: 'simulated' };
}

function start(name, command, args, extra = {}) {
  const child = new Child(name, command, args, { ...environment, ...extra }, path.join(logs, `${name}.log`));
  children.push(child);
  child.onUnexpectedEnd = () => {
    if (stopping) return;
    console.error(`\n${name} has ended. Its last words:\n\n${child.lastWords()}\n`);
    stop(1);
  };
  return child;
}

async function ready(name, check) {
  const until = Date.now() + 60_000;
  while (!(await check().catch(() => false))) {
    if (stopping) return new Promise(() => {});
    if (Date.now() > until) {
      const child = children.find((each) => each.name === name);
      console.error(`\n${name} is not ready after a minute. Its last words:\n\n${child.lastWords()}\n`);
      await stop(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Stops the agent first, so that its last image is stored, then the rest, and leaves nothing behind. */
async function stop(status) {
  if (stopping) return;
  stopping = true;
  console.log('\nStopping ...');
  for (const child of children.reverse()) await child.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(status);
}

/** Ends with a clear message where a server's address is none. */
function checkAddress(name, protocol, example) {
  const address = environment[name];
  if (!address || (URL.canParse(address) && protocol.test(new URL(address).protocol))) return;
  fail(`${name} is not an address of a server: it must look like ${example}.`);
}

/** This machine's first address on a network. */
function ownAddress() {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
}

function withoutPassword(address) {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  return url.href;
}
