import { type ParseArgsConfig, parseArgs } from 'node:util';

type OptionsOfCommand = NonNullable<ParseArgsConfig['options']>;

/** One of luxcam's commands: a file of this folder. */
export interface Command {
  /** What `--help` prints. */
  usage: string;
  /** Does it, and resolves with the exit status. What it throws is reported in words, with status 1. */
  run(args: string[]): Promise<number>;
}

/** The command line can't be understood: exit status 2, beside the usage. */
export class UsageError extends Error {}

/**
 * Reads a command's options and its other words, of which `words` names those that must be there.
 * Throws a UsageError.
 */
export function readArguments<T extends OptionsOfCommand>(args: string[], options: T, words: string[] = []) {
  const { values, positionals } = parse(args, options);
  if (positionals.length > words.length) throw new UsageError(`'${positionals[words.length]}' is one word too many`);
  if (positionals.length < words.length) throw new UsageError(`${words[positionals.length]} is missing`);
  return { values, words: positionals };
}

/** Resolves when a signal asks the process to stop. A second one finds nobody listening and ends it at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

function parse<T extends OptionsOfCommand>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's advice on words that begin with a dash is of no use here.
    throw new UsageError(error.message.split(/\. (?:To specify|Did you)/)[0], { cause: error });
  }
}
