/** Lets no more than so many tasks run at once; the others wait for their turn, in order. */
export class Turns {
  private readonly most: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Runs the task when it is its turn. Settles as the task does. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.most) this.running += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }

  /** Drops the tasks that wait: nobody is there any more to take what they would bring. */
  stop(): void {
    this.waiting.length = 0;
  }
}
