import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { IndexTrimmer } from '../../core/index-trimmer';
import { messageOf } from '../../core/luxcam-error';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { Topics } from '../../core/topics';
import { cameraControl } from '../../gallery/camera-control';
import { CameraWatch } from '../../gallery/camera-watch';
import type { Gallery } from '../../gallery/gallery';
import { MqttCameraBroker } from '../../gallery/mqtt-camera-broker';
import { GalleryServer, isLoopback } from '../../gallery/server';
import { brokerAddress, brokerAdvice } from '../broker-connection';
import { type GallerySettings, gallerySettingsSchema } from '../gallery-settings';
import { readArguments, stopSignal } from './command';
import { configurationOption, configurationUsage, readReaderConfiguration } from './configuration';
import { printable, readOption } from './words';

export const usage = `Usage: luxcam gallery [OPTIONS]

Serves the gallery's page and its HTTP interface, without Node-RED, until it is stopped. It listens on this machine
alone; where others can reach it they need a user (luxcam) and a password: $LUXCAM_GALLERY_PASSWORD, the configuration's
gallery.password_file, or one that is made up at each start and shown.

  --host ADDRESS     0.0.0.0 lets everybody on the network in who knows the password; 127.0.0.1 if not given
  --port NUMBER      1881 if not given, 0 for any free one
  --path PATH        below which path, / if not given
${configurationUsage}`;

const options = {
  ...configurationOption,
  host: { type: 'string' },
  port: { type: 'string' },
  path: { type: 'string' },
} as const;

/** Serves the gallery until a signal asks it to stop. */
export async function run(args: string[]): Promise<number> {
  const { values } = readArguments(args, options);
  const { redis, mqtt, gallery: configured } = readReaderConfiguration(values.config);
  const settings = { ...configured, ...readPlace(values) };
  const warn = (problem: string) => console.error(printable(problem));

  const connection = new RedisConnection(redis);
  const store = new RedisImageStore({ connection, ownsCameras: false });
  const trimmer = new IndexTrimmer(store, warn);
  const topics = new Topics(mqtt.base);
  const { url, protocol_version: protocolVersion, tls } = mqtt;
  const broker = new MqttCameraBroker({ url, protocolVersion, tls }, (problem) =>
    warn(`MQTT broker at ${brokerAddress(mqtt.url)}: ${problem}${brokerAdvice(problem)}`),
  );
  const watch = new CameraWatch(broker, topics);
  const control = cameraControl(broker, watch, topics);
  const gallery: Gallery = { store, permissions: settings.allow, control, onProblem: warn };
  const { credentials, made } = readCredentials(settings);
  const server = new GalleryServer(gallery, { ...settings, credentials });

  const stopped = stopSignal();
  const address = await server.start().catch((error: unknown) => {
    throw new Error(`The gallery can't listen on ${settings.host}, port ${settings.port}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  connection.on('state', (state, problem) => {
    if (state === 'offline') warn(`Redis at ${connection.address}: ${problem}`);
  });
  const tried = once(connection, 'state');
  connection.start();
  connection.ready().then(
    () => trimmer.start(),
    // The connection was given up before Redis came.
    () => undefined,
  );
  watch.start();
  broker.start();
  // Whoever opens the address at once is to see images, or what keeps them away.
  await tried;
  console.log(`Gallery: ${address}`);
  if (made) console.log(`User: ${credentials?.user}  Password: ${credentials?.password}  (until the next start)`);

  await stopped;
  await server.stop();
  await trimmer.stop();
  await broker.stop();
  await connection.stop();
  return 0;
}

/** What the command line says of the place. */
function readPlace(values: { host?: string; port?: string; path?: string }): Partial<GallerySettings> {
  const { host, port, path } = gallerySettingsSchema.shape;
  return {
    ...(values.host !== undefined && { host: readOption(host, '--host', values.host) }),
    ...(values.port !== undefined && { port: readOption(port, '--port', Number(values.port)) }),
    ...(values.path !== undefined && { path: readOption(path, '--path', values.path) }),
  };
}

function readCredentials({ host, user, password_file }: GallerySettings) {
  const given = process.env.LUXCAM_GALLERY_PASSWORD || (password_file && readPassword(password_file));
  if (given) return { credentials: { user, password: given }, made: false };
  if (isLoopback(host)) return { credentials: null, made: false };
  return { credentials: { user, password: randomBytes(12).toString('base64url') }, made: true };
}

function readPassword(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`gallery.password_file can't be read: ${messageOf(error)}`, { cause: error });
  }
  const password = text.split(/\r?\n/)[0] ?? '';
  if (password === '') throw new Error(`gallery.password_file ${file} is empty: its first line is the password`);
  return password;
}
