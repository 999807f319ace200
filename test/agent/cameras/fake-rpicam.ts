import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The stand-in for rpicam-still. */
export const fakeRpicam = path.join(__dirname, '../../../examples/fake-rpicam-still.mjs');

/** The ids of the processes, but for the dead, whose command line holds a text. */
export async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-e', '-ww', '-o', 'pid=,stat=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(text) && !/^ *\d+ +Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

/**
 * Gives each test of a suite the environment that it began with and a folder of its own for the camera's files. After
 * it nothing may be left: no file, and no process that had to do with one.
 */
export class CameraFolder {
  path = '';
  private readonly environment = { ...process.env };

  async make(): Promise<void> {
    this.path = await mkdtemp(path.join(tmpdir(), 'luxcam-rpicam-test-'));
    process.env.TMPDIR = this.path;
    process.env.FAKE_RPICAM_DELAY = '0';
  }

  async check(): Promise<void> {
    for (const name of Object.keys(process.env)) if (!(name in this.environment)) delete process.env[name];
    Object.assign(process.env, this.environment);
    const left = (await readdir(this.path)).filter((name) => name.startsWith('luxcam-'));
    await rm(this.path, { recursive: true });
    assert.deepEqual(left, [], 'nothing is left behind in the folder for temporary files');
    // Guards are killed too, but nobody waits for them.
    while ((await processesWith(this.path)).length > 0) await delay(20);
  }
}
