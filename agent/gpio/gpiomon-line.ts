import { type ChildProcess, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../core/luxcam-error';
import type { GpioLine, Level, Pull } from './gpio-line';
import { findChip, lineAdvice, readLevel } from './gpiod-tools';

/** How long to wait before gpiomon is started anew, in milliseconds: doubled up to the last while it fails. */
const firstPause = 1000;
const lastPause = 60_000;

const biases = { up: 'pull-up', down: 'pull-down', none: 'disabled' } as const;

/** A GPIO line, watched by the program `gpiomon` of the package gpiod, version 2. It is started anew when it ends. */
export class GpiomonLine implements GpioLine {
  private readonly gpio: number;
  private readonly warn: (message: string) => void;
  private readonly closed = new AbortController();
  private lineArguments: string[] = [];
  private onEdge: (level: Level) => void = () => undefined;
  private level: Level = 0;
  private watching: Promise<void> | undefined;

  /**
   * @param gpio the BCM number, 0 to 53
   * @param warn is told when gpiomon has ended
   */
  constructor(gpio: number, warn: (message: string) => void) {
    this.gpio = gpio;
    this.warn = warn;
  }

  async open(pull: Pull, onEdge: (level: Level) => void): Promise<Level> {
    const chip = await findChip(this.gpio);
    this.lineArguments = ['--chip', chip, '--bias', biases[pull], `${this.gpio}`];
    this.level = await readLevel(this.gpio, this.lineArguments);
    const { ended } = await this.startMonitor();
    this.onEdge = onEdge;
    this.watching = this.watch(ended);
    return this.level;
  }

  async close(): Promise<void> {
    this.closed.abort();
    await this.watching;
  }

  /**
   * Starts gpiomon and waits until it holds the line; `ended` resolves with why it has ended.
   * Throws an error in words if it does not come to hold the line, and then it does not run.
   */
  private async startMonitor(): Promise<{ ended: Promise<string> }> {
    const format = ['--banner', '--edges', 'both', '--format', '%e'];
    // The kernel kills it when the agent is killed: else it would go on holding the line (prctl(2), PR_SET_PDEATHSIG).
    const command = ['--pdeathsig', 'KILL', 'gpiomon', ...format, ...this.lineArguments];
    const { signal } = this.closed;
    const monitor = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const lines = createInterface({ input: monitor.stdout });
    // Its first line is the banner.
    const ready = new Promise<undefined>((resolve) => lines.once('line', () => resolve(undefined)));
    lines.on('line', (line) => this.receive(line));
    const ended = reasonOfEnd(monitor);
    const problem = await Promise.race([ready, ended]);
    if (problem !== undefined) throw new Error(lineAdvice(this.gpio, problem));
    return { ended };
  }

  private receive(line: string): void {
    // 1 is a rising edge, 2 a falling one; the banner is neither.
    if (line === '1' || line === '2') this.tell(line === '1' ? 1 : 0);
  }

  private tell(level: Level): void {
    this.level = level;
    this.onEdge(level);
  }

  /** Starts gpiomon anew whenever it has ended, until the line is closed. */
  private async watch(first: Promise<string>): Promise<void> {
    const { signal } = this.closed;
    let ended = first;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, lastPause)) {
      const began = performance.now();
      const reason = await ended;
      if (signal.aborted) return;
      if (performance.now() - began > lastPause) pause = firstPause;
      this.warn(`gpiomon, which watches GPIO ${this.gpio}, ended: ${reason}. It is started anew in ${pause / 1000} s`);
      await setTimeout(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      ended = this.watchAgain();
    }
  }

  /** Resolves with why gpiomon has ended, or could not be started. */
  private async watchAgain(): Promise<string> {
    try {
      const level = await readLevel(this.gpio, this.lineArguments);
      const { ended } = await this.startMonitor();
      if (level !== this.level) this.tell(level);
      return await ended;
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** Resolves with why a program has ended: mostly its last words. */
function reasonOfEnd(program: ChildProcess): Promise<string> {
  let words = '';
  program.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-1000);
  });
  program.on('error', (error) => {
    words ||= error.message;
  });
  return new Promise((resolve) => {
    program.on('close', (code, signal) => resolve(words.trim() || `it ended with ${signal ?? `status ${code}`}`));
  });
}
