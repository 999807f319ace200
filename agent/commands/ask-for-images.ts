import { randomUUID } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { LuxcamError } from '../../core/luxcam-error';
import {
  type Announcement,
  announcementSchema,
  type CaptureCommand,
  type CapturedAnnouncement,
  captureCommandText,
  type FailedAnnouncement,
  parseJson,
} from '../../core/messages';
import { Topics } from '../../core/topics';

/** What is asked of a camera's agent. */
export interface Question {
  client: MqttClient;
  base: string;
  camera: string;
  command: Omit<CaptureCommand, 'transaction'>;
  /** How long to wait for the first answer, and again after each one, in milliseconds. */
  timeout: number;
  /** Is told each picture that was taken or failed. */
  onAnswer(announcement: CapturedAnnouncement | FailedAnnouncement): void;
}

/** MQTT 5's PUBACK reason "No matching subscribers" (section 3.4.2.1). */
const nobodyListens = 0x10;

/**
 * Asks a camera for pictures over MQTT and resolves after the last answer. Throws a LuxcamError that says why there is
 * none: `invalid_request` for a command that is too large, `camera_timeout`, or `store_unavailable` where the picture waits on the agent's disk.
 */
export async function askForImages(question: Question): Promise<void> {
  const { client, base, camera, timeout } = question;
  const topics = new Topics(base);
  const command: CaptureCommand = { ...question.command, transaction: randomUUID() };
  const text = captureCommandText(command);
  const known = new Set<string>();
  client.on('message', (topic) => {
    if (topic.endsWith('/availability')) known.add(topic.split('/').at(-2) ?? '');
  });
  const answers = waitForAnswers(question, topics.event(camera), command);
  try {
    await client.subscribeAsync([topics.event(camera), topics.availability('+')], { qos: 1 });
    const taken = await client.publishAsync(topics.capture(camera), text, {
      qos: 1,
      properties: { messageExpiryInterval: Math.ceil(timeout / 1000) },
    });
    if (taken && 'reasonCode' in taken && taken.reasonCode === nobodyListens)
      throw new LuxcamError('camera_failed', `No agent listens for the camera ${camera}. ${namesOf(known)}`);
  } catch (error) {
    answers.cancel();
    throw error;
  }
  const silence = await answers.finished;
  if (silence === 'spooled')
    throw new LuxcamError(
      'store_unavailable',
      `${camera} took the picture, but Redis is away: it waits on the agent's disk.`,
    );
  if (silence === 'silent')
    throw new LuxcamError(
      'camera_timeout',
      `${camera} did not answer within ${timeout / 1000} s: is its agent running? ${namesOf(known)}`,
    );
}

function waitForAnswers(question: Question, topic: string, { transaction, burst = 1 }: CaptureCommand) {
  const { client, timeout, onAnswer } = question;
  const answered = new Set<number>();
  let spooled = false;
  let cancel = () => {};
  const finished = new Promise<'answered' | 'spooled' | 'silent'>((resolve) => {
    const patience = setTimeout(() => resolve(spooled ? 'spooled' : 'silent'), timeout);
    cancel = () => clearTimeout(patience);
    client.on('message', (heard, payload) => {
      const said = heard === topic ? readAnnouncement(payload) : null;
      if (said === null || !('transaction' in said) || said.transaction !== transaction) return;
      patience.refresh();
      if (said.event === 'spooled') {
        spooled = true;
        return;
      }
      // Announcements come at least once, so some come twice.
      const { index, of } = said.burst ?? { index: 1, of: said.event === 'failed' ? 1 : burst };
      if (answered.has(index)) return;
      answered.add(index);
      onAnswer(said);
      if (answered.size < of) return;
      clearTimeout(patience);
      resolve('answered');
    });
  });
  return { finished, cancel };
}

function readAnnouncement(payload: Buffer): Announcement | null {
  try {
    return parseJson(announcementSchema, payload.toString());
  } catch {
    // Anyone may publish anything there: what is no announcement is no answer.
    return null;
  }
}

function namesOf(cameras: ReadonlySet<string>): string {
  return cameras.size === 0
    ? 'The broker knows no camera.'
    : `The broker knows the cameras ${[...cameras].sort().join(', ')}.`;
}
