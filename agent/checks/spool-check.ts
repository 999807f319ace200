import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../core/luxcam-error';
import { sizeText } from '../commands/words';
import type { Configuration } from '../config';
import type { Finding } from './finding';

/** Writes a file where images wait while Redis is away, and looks how much room there is. */
export async function checkSpool({ agent: { spool } }: Configuration): Promise<Finding> {
  const check = 'spool';
  const folder = path.resolve(spool.path);
  try {
    await mkdir(folder, { recursive: true });
    const trial = path.join(folder, `.check-${process.pid}`);
    await writeFile(trial, 'x');
    await rm(trial);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const waiting = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.image')).length;
    const message = `${folder}: ${sizeText(free)} free, may take ${sizeText(spool.max_size)}, ${waiting} images wait`;
    if (free >= spool.max_size) return { check, status: 'ok', message };
    return { check, status: 'warning', message, remedy: 'free some disk, or lower agent.spool.max_size' };
  } catch (error) {
    const remedy = 'set agent.spool.path to a folder that this user may write to (the service has a user of its own)';
    return { check, status: 'fault', message: messageOf(error), remedy };
  }
}
