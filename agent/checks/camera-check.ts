import type { Logger } from 'pino';
import { messageOf } from '../../core/luxcam-error';
import { prepareImage } from '../../core/prepare-image';
import { createCamera } from '../cameras/create-camera';
import { askForImages } from '../commands/ask-for-images';
import { withBroker } from '../commands/broker';
import { luxText, sizeText } from '../commands/words';
import type { CameraSettings, Configuration } from '../config';
import type { Finding } from './finding';

/** What a picture that was just taken tells. */
export interface Picture {
  size: number;
  width: number | null;
  height: number | null;
  lux: number | null;
}

/** Takes a picture with a camera: through its agent where that runs, for a camera serves one program at a time. */
export async function checkCamera(
  camera: string,
  settings: CameraSettings,
  { mqtt, agentRuns, log }: { mqtt: Configuration['mqtt']; agentRuns: boolean; log: Logger },
): Promise<{ finding: Finding; picture: Picture | null }> {
  const check = `camera ${camera}`;
  const began = performance.now();
  try {
    const picture = agentRuns ? await ask(camera, settings, mqtt) : await take(camera, settings, log);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { width, height, size, lux } = picture;
    const by = agentRuns ? ', by the running agent' : '';
    const light = lux === null ? 'lux unknown' : `${luxText(lux)} lux`;
    const message = `${width ?? '?'}x${height ?? '?'}, ${sizeText(size)}, ${light}, in ${seconds} s${by}`;
    return { finding: { check, status: 'ok', message }, picture };
  } catch (error) {
    const remedy = `look at source of ${camera} in the configuration, and at the camera itself`;
    return { finding: { check, status: 'fault', message: messageOf(error), remedy }, picture: null };
  }
}

async function take(name: string, { source, timeout }: CameraSettings, log: Logger): Promise<Picture> {
  const camera = createCamera(name, source, log);
  try {
    await camera.start();
    const signal = AbortSignal.timeout(timeout);
    const frame = await camera.capture(signal).catch((error: unknown) => {
      throw signal.aborted ? new Error(`no picture within ${timeout / 1000} s`, { cause: error }) : error;
    });
    const { bytes, width = null, height = null } = await prepareImage(frame.jpeg);
    return { size: bytes.length, width, height, lux: frame.lux ?? null };
  } finally {
    await camera.stop();
  }
}

async function ask(camera: string, { timeout }: CameraSettings, mqtt: Configuration['mqtt']): Promise<Picture> {
  let picture: Picture | undefined;
  let failure: string | undefined;
  await withBroker(mqtt, (client) =>
    askForImages({
      ...{ client, base: mqtt.base, camera, command: { ttl: 60 }, timeout: timeout + 5000 },
      onAnswer(said) {
        if (said.event === 'captured') picture = said;
        else failure = said.error.message;
      },
    }),
  );
  if (picture === undefined) throw new Error(failure ?? 'no picture');
  return picture;
}
