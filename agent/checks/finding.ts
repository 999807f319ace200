/** What a check has found out about one thing. */
export interface Finding {
  /** What was looked at: `Redis`, `camera front`, ... */
  check: string;
  status: 'ok' | 'warning' | 'fault';
  /** What was found, in one line. */
  message: string;
  /** What to do about it; absent where all is well. */
  remedy?: string;
}
