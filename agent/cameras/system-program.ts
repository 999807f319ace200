import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/**
 * The full path of the first of these programs that can be run; a name is looked for in PATH, a path is taken as it is.
 * Undefined if there is none.
 */
export async function findProgram(names: string[]): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    const files = name.includes('/') ? [path.resolve(name)] : folders.map((folder) => path.join(folder, name));
    for (const file of files) if (await isExecutable(file)) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
