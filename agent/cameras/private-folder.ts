import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Memory that looks like a folder, where the system has it: it does not wear out an SD card. */
const inMemory = '/dev/shm';

/**
 * Makes a folder that only this user can look into, for files between a camera program and us: in `TMPDIR` if that is
 * set, else in memory.
 */
export async function makePrivateFolder(): Promise<string> {
  const make = (place: string) => mkdtemp(path.join(place, 'luxcam-camera-'));
  return process.env.TMPDIR ? await make(process.env.TMPDIR) : await make(inMemory).catch(() => make(tmpdir()));
}
