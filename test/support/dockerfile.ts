import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../core/messages';

const wordsSchema = z.array(z.string());

/** One line of a Dockerfile. */
export interface Instruction {
  name: string;
  text: string;
}

/** What lies between two FROM lines. */
export interface Stage {
  name: string;
  from: string;
  instructions: Instruction[];
}

/** Reads as much of a Dockerfile as this project's uses: no continued lines, no variables. */
export function readDockerfile(file: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, name = '', text = ''] = line.match(/^([A-Z]+) (.+)$/) ?? [];
    if (line === '' || line.startsWith('#')) continue;
    const [, from = '', stage = ''] = name === 'FROM' ? (text.match(/^(\S+) AS ([a-z-]+)$/) ?? []) : [];
    if (name === 'FROM' && stage !== '') stages.push({ name: stage, from, instructions: [] });
    else if (name !== '' && name !== 'FROM') stages.at(-1)?.instructions.push({ name, text });
    else throw new Error(`this line of the Dockerfile can't be read: ${line}`);
  }
  return stages;
}

/** The words of the last ENTRYPOINT and CMD of a stage: what a container of it runs. */
export function programOf({ instructions }: Stage): string[] {
  return ['ENTRYPOINT', 'CMD'].flatMap((wanted) =>
    parseJson(wordsSchema, instructions.findLast(({ name }) => name === wanted)?.text ?? '[]'),
  );
}

/** What a COPY takes and where it puts it. */
export function readCopy(text: string): { from: string | undefined; sources: string[]; target: string } {
  const words = text.split(' ');
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
}

/**
 * Follows a Dockerfile's steps in plain folders: each stage's file system lies in a folder of the stage's name. RUN
 * lines run in that place, unless `replaced` has done what they would do.
 */
export function layOut(
  stages: Stage[],
  {
    context,
    folder,
    replaced,
  }: { context: string; folder: string; replaced: (command: string, place: string) => boolean },
): void {
  for (const stage of stages) {
    const root = path.join(folder, stage.name);
    let place = '/';
    for (const { name, text } of stage.instructions) {
      if (name === 'WORKDIR') place = text;
      const here = path.join(root, place);
      mkdirSync(here, { recursive: true });
      if (name === 'COPY') copy(text, { context, folder, root, place });
      if (name === 'RUN' && !replaced(text, here)) run(text, here);
    }
  }
}

function copy(
  text: string,
  { context, folder, root, place }: { context: string; folder: string; root: string; place: string },
): void {
  const { from, sources, target } = readCopy(text);
  const end = path.join(root, path.resolve(place, target));
  for (const source of sources) {
    const file = from === undefined ? path.join(context, source) : path.join(folder, from, source);
    const into = /\/$|^\.$/.test(target) && statSync(file).isFile();
    cpSync(file, into ? path.join(end, path.basename(file)) : end, { recursive: true });
  }
}

function run(command: string, place: string): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: place, encoding: 'utf8' });
  if (status !== 0) throw new Error(`RUN ${command} has failed:\n${stdout}${stderr}`);
}
