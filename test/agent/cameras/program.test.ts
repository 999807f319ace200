import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../../../agent/cameras/program';
import { processesWith } from './fake-rpicam';

const never = new AbortController().signal;

/** A shell script that, like a program that hangs, says something and then nothing for long, and has a child that does too. */
const hanging = (mark: string) => `sleep 1${mark} & echo ready; sleep 2${mark}`;

/** Digits that no other process of this machine has in its command line. */
const mark = () => `${process.pid}${Math.floor(Math.random() * 1e6)}`;

describe('a program that is run', () => {
  it('does not outlive the agent that is killed, nor do its child and its folder', async () => {
    const seconds = mark();
    const folder = await mkdtemp(path.join(tmpdir(), 'luxcam-program-test-'));
    const args = JSON.stringify(['-c', hanging(seconds)]);
    const script = `
      const { startProgram } = require('./agent/cameras/program');
      startProgram('/bin/sh', ${args}, ${JSON.stringify(folder)}).stdout.pipe(process.stdout);`;
    const agent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script]);
    await once(agent.stdout, 'data');
    assert.ok((await processesWith(`sleep 1${seconds}`)).length > 0);
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    while ((await processesWith(seconds)).length > 0) await delay(20);
    assert.equal(existsSync(folder), false);
  });

  it('leaves the folder to the next run when it ends by itself', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'luxcam-program-test-'));
    // The more at once, the sooner the end of one and the death of its guard are apart.
    await Promise.all(
      Array.from({ length: 100 }, () => runProgram('/bin/true', [], new AbortController().signal, folder)),
    );
    assert.equal(existsSync(folder), true);
    await rm(folder, { recursive: true });
  });

  it('is killed with its child when the signal aborts', async () => {
    const seconds = mark();
    const controller = new AbortController();
    const run = runProgram('/bin/sh', ['-c', hanging(seconds)], controller.signal);
    while ((await processesWith(`sleep 1${seconds}`)).length === 0) await delay(20);
    const reason = new Error('the time is up');
    controller.abort(reason);
    await assert.rejects(run, (error) => error === reason);
    while ((await processesWith(seconds)).length > 0) await delay(20);
  });

  it('is killed when it writes too much', async () => {
    const { output, failure } = await runProgram('/bin/cat', ['/dev/zero'], never);
    assert.equal(failure, 'it wrote more than 32 MB');
    assert.ok(output.length < 40 * 1024 * 1024);
  });

  it('reads nothing, and its child that stays is killed when it ends', async () => {
    const seconds = mark();
    const script = `cat; sleep 1${seconds} >/dev/null 2>&1 & echo words >&2; printf done; exit 3`;
    const { output, words, failure } = await runProgram('/bin/sh', ['-c', script], never);
    assert.deepEqual([`${output}`, words, failure], ['done', 'words\n', 'exit code 3']);
    while ((await processesWith(`sleep 1${seconds}`)).length > 0) await delay(20);
  });
});
