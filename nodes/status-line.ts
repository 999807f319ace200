import type { Node, NodeAPI, NodeStatus } from 'node-red';

/** The words of a node's own locale file. */
export type Translate = NodeAPI['_'];

/** Ages in a status are rounded to so much: a line that counts every second is hard to look away from. */
const calmMilliseconds = 10_000;

/** The line under a node in the editor. It is computed anew whenever something may have changed, and sent when it has. */
export class StatusLine {
  private readonly node: Node;
  private readonly now: () => NodeStatus;
  private shown = '';
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(node: Node, now: () => NodeStatus) {
    this.node = node;
    this.now = now;
  }

  start(): void {
    this.timer = setInterval(() => this.refresh(), calmMilliseconds).unref();
    this.refresh();
  }

  refresh(): void {
    if (this.stopped) return;
    const status = this.now();
    const text = JSON.stringify(status);
    if (text === this.shown) return;
    this.shown = text;
    this.node.status(status);
  }

  /** What is still done for a node of before a deploy says nothing over the status of the one after it. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }
}

/** How long ago a time in unix milliseconds was, in words that change seldom. */
export function ageText(translate: Translate, time: number, now = Date.now()): string {
  const seconds = Math.max(0, now - time) / 1000;
  if (seconds < 10) return translate('age.now');
  if (seconds < 60) return translate('age.seconds', { number: Math.floor(seconds / 10) * 10 });
  if (seconds < 3600) return translate('age.minutes', { number: Math.floor(seconds / 60) });
  if (seconds < 86_400) return translate('age.hours', { number: Math.floor(seconds / 3600) });
  return translate('age.days', { number: Math.floor(seconds / 86_400) });
}
