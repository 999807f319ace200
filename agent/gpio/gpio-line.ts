/** The voltage on a line: 0 is ground, 1 is 3.3 V. */
export type Level = 0 | 1;

/** The resistor inside the chip that holds a line while nothing else does. */
export type Pull = 'up' | 'down' | 'none';

/** The port to one GPIO line. The constructor only keeps its arguments. */
export interface GpioLine {
  /**
   * Takes the line as an input and calls `onEdge` with its level after each change. The level is read when the change
   * is noticed, so after a very short pulse `onEdge` may tell the same level again. Returns the level at the start.
   * Throws an error that names the line and the fix, and then holds nothing; a BackendMissingError if it can't serve
   * any line of this machine.
   */
  open(pull: Pull, onEdge: (level: Level) => void): Promise<Level>;
  /** Lets go of the line. Never throws. */
  close(): Promise<void>;
}

/** This way to watch lines does not exist on this machine; another may. */
export class BackendMissingError extends Error {
  override readonly name = 'BackendMissingError';
}
