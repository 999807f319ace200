import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BinaryValue, Gpio } from 'onoff';
import { messageOf } from '../../core/luxcam-error';
import { busyAdvice, permissionAdvice } from './advice';
import { findLineNumber } from './gpio-chip';
import { BackendMissingError, type GpioLine, type Level, type Pull } from './gpio-line';
import { setPull } from './pull';

type OnoffGpio = Pick<Gpio, 'setDirection' | 'setActiveLow' | 'setEdge' | 'watch' | 'readSync' | 'unexport'>;

/** What is used of the npm package onoff. */
export interface Onoff {
  Gpio: new (number: number, direction: 'in', edge: 'both') => OnoffGpio;
}

/** A GPIO line, watched through sysfs by the npm package `onoff`. */
export class OnoffLine implements GpioLine {
  private readonly gpio: number;
  private readonly warn: (message: string) => void;
  private readonly sysfs: string;
  private readonly load: () => Promise<Onoff>;
  private line: OnoffGpio | undefined;

  /**
   * @param gpio the BCM number, 0 to 53
   * @param warn is told what can't be set but need not stop the agent: a pull resistor
   * @param sysfs where the kernel shows its lines
   * @param load gets onoff, an optional dependency that only machines with GPIO triggers need
   */
  constructor(
    gpio: number,
    warn: (message: string) => void,
    sysfs = '/sys/class/gpio',
    load: () => Promise<Onoff> = () => import('onoff'),
  ) {
    this.gpio = gpio;
    this.warn = warn;
    this.sysfs = sysfs;
    this.load = load;
  }

  async open(pull: Pull, onEdge: (level: Level) => void): Promise<Level> {
    const number = await findLineNumber(this.sysfs, this.gpio);
    const { Gpio } = await this.load().catch((cause: unknown) => {
      throw new BackendMissingError(this.loadAdvice(cause), { cause });
    });
    const warning = await setPull(this.gpio, pull);
    if (warning !== undefined) this.warn(warning);
    const wasExported = existsSync(path.join(this.sysfs, `gpio${number}`));
    try {
      this.line = new Gpio(number, 'in', 'both');
      // Of a line that an agent which crashed has left behind, onoff ignores that it could not be set.
      this.line.setDirection('in');
      this.line.setActiveLow(false);
      this.line.setEdge('both');
      this.line.watch((error, value) => this.tell(onEdge, error, value));
      return this.line.readSync();
    } catch (cause) {
      await this.close();
      if (!wasExported) this.unexport(number);
      throw new Error(this.openAdvice(cause), { cause });
    }
  }

  async close(): Promise<void> {
    this.line?.unexport();
    this.line = undefined;
  }

  private tell(onEdge: (level: Level) => void, error: Error | null | undefined, value: BinaryValue): void {
    // After this the line is deaf. Thrown in a callback it ends the process, whose service manager starts it again.
    if (error) throw new Error(`GPIO ${this.gpio} can no longer be watched: ${error.message}`, { cause: error });
    onEdge(value);
  }

  /** Gives back a line that onoff had taken before it failed. */
  private unexport(number: number): void {
    if (!existsSync(path.join(this.sysfs, `gpio${number}`))) return;
    try {
      writeFileSync(path.join(this.sysfs, 'unexport'), `${number}`);
    } catch (error) {
      this.warn(`GPIO ${this.gpio} could not be released: ${messageOf(error)}`);
    }
  }

  private loadAdvice(cause: unknown): string {
    const [why = ''] = messageOf(cause).split('\n');
    const absent = /Cannot find (module|package) 'onoff'/.test(why);
    const build = "'sudo apt-get install g++ make python3'";
    const advice = absent
      ? `npm leaves it out where it can't be built: run ${build}, then 'npm install onoff' where luxcam is installed`
      : `its part epoll was probably not built: run 'npm rebuild epoll' where luxcam is installed (it needs ${build})`;
    return `GPIO ${this.gpio} can't be watched, because the npm package onoff can't be loaded (${why}): ${advice}`;
  }

  private openAdvice(cause: unknown): string {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EBUSY') return busyAdvice(this.gpio);
    if (code === 'EACCES' || code === 'EPERM') return permissionAdvice(this.gpio);
    return `GPIO ${this.gpio} can't be watched: ${messageOf(cause)}`;
  }
}
