import { once } from 'node:events';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Programs with the names and habits of gpiod's on PATH, for machines without GPIO lines; test/hardware runs the real
 * ones. `gpiomon` notes its arguments and its process id, and prints the lines that the test gives it.
 */
export class FakeGpiod {
  private readonly oldPath = process.env.PATH;
  private folder = '';

  /** @param version what `gpiomon --version` prints; null if there is to be no gpiomon */
  async install(version: string | null = 'gpiomon (libgpiod) v2.2.1'): Promise<void> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-gpiod-'));
    process.env.PATH = `${this.folder}${path.delimiter}/usr/bin:/bin`;
    await this.script(
      'gpiodetect',
      "echo 'gpiochip0 [raspberrypi-exp-gpio] (8 lines)'; echo 'gpiochip1 [pinctrl-rp1] (54 lines)'",
    );
    await this.script('gpioget', `echo "$@" > ${this.folder}/gpioget-arguments; cat ${this.folder}/level`);
    this.setLevel(1);
    if (version === null) return;
    await this.script(
      'gpiomon',
      `if [ "$1" = --version ]; then echo '${version}'; exit; fi
echo "$@" > ${this.folder}/arguments
rm -f ${this.folder}/events; mkfifo ${this.folder}/events
echo $$ > ${this.folder}/id.new; mv ${this.folder}/id.new ${this.folder}/id
echo 'Monitoring line 17 on chip gpiochip1...'
exec cat <> ${this.folder}/events`,
    );
  }

  /** Replaces one of the programs. */
  async script(name: string, text: string): Promise<void> {
    await writeFile(path.join(this.folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  /** What gpioget reads. */
  setLevel(level: 0 | 1): void {
    writeFileSync(path.join(this.folder, 'level'), `${level}\n`);
  }

  /** Lets the running gpiomon tell an edge. */
  async edge(edge: 'rising' | 'falling'): Promise<void> {
    await writeFile(path.join(this.folder, 'events'), edge === 'rising' ? '1\n' : '2\n');
  }

  /** The arguments of the last gpiomon or gpioget. */
  async arguments(program: 'gpiomon' | 'gpioget'): Promise<string> {
    const file = program === 'gpiomon' ? 'arguments' : 'gpioget-arguments';
    return (await readFile(path.join(this.folder, file), 'utf8')).trim();
  }

  /** The process id of the gpiomon that runs; waits until it is another than `old`. */
  async id(old?: number): Promise<number> {
    const file = path.join(this.folder, 'id');
    const watcher = watch(this.folder);
    try {
      for (;;) {
        // Listened to before the file is read, or a change between the two would be missed.
        const changed = once(watcher, 'change');
        const id = existsSync(file) ? Number(await readFile(file, 'utf8')) : undefined;
        if (id !== undefined && id !== old) return id;
        await changed;
      }
    } finally {
      watcher.close();
    }
  }

  async remove(): Promise<void> {
    process.env.PATH = this.oldPath;
    await rm(this.folder, { recursive: true });
  }
}

/** Whether a process runs. One that has ended may still have an entry, until its parent has asked how it ended. */
export function isRunning(id: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${id}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
