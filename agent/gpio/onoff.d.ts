/**
 * What is used of the npm package onoff. Its own types are not there where npm has left it out, which it does where its
 * native part can't be built; the rest of the agent is built and runs there all the same.
 */
declare module 'onoff' {
  export type BinaryValue = 0 | 1;

  export class Gpio {
    constructor(gpio: number, direction: 'in', edge: 'both');
    setDirection(direction: 'in'): void;
    setActiveLow(invert: boolean): void;
    setEdge(edge: 'both'): void;
    watch(callback: (error: Error | null | undefined, value: BinaryValue) => void): void;
    readSync(): BinaryValue;
    unexport(): void;
  }
}
