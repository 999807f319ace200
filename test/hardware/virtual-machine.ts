import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../core/messages';
import { systemProgram } from '../support/server-process';

const root = path.resolve(__dirname, '../..');
const cache = path.join(root, '.cache/hardware');
const factSchema = z.object({ fact: z.string(), value: z.json() });

/**
 * Boots a virtual machine with simulated GPIO lines that sees this machine's files, runs a program of
 * test/hardware/guest in it with Node.js, and returns the facts that it told.
 * Throws an error if the program does not come to its end. All that the machine printed stands in
 * .cache/hardware/last-run-of-<program>.log afterwards.
 * @param limit how long that may take, in milliseconds
 * @param camera whether it is to have a virtual camera, `/dev/video0`
 */
export async function runInVirtualMachine(
  program: string,
  limit: number,
  { camera = false } = {},
): Promise<Map<string, unknown>> {
  const kernel = path.join(cache, 'kernel/vmlinuz');
  const files = path.join(cache, 'initrd.gz');
  if (!existsSync(kernel) || !existsSync(files))
    throw new Error("the virtual machine is not there yet: run 'npm run test:hardware', which prepares it");
  const guest = `luxcam.node="${process.execPath}" luxcam.program="${path.join(__dirname, 'guest', program)}"`;
  const machine = spawn(
    systemProgram('qemu-system-x86_64', 'qemu-system-x86'),
    [
      // One processor: with two the emulated kernel crashes now and then. Its clock goes by the instructions that it has
      // run, 2 ns each: on a busy machine it runs slower, but what happens in it keeps its order and its distances.
      ...['-accel', 'tcg', '-icount', 'shift=1', '-machine', 'q35', '-cpu', 'max', '-smp', '1', '-m', '1024'],
      ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-kernel', kernel, '-initrd', files],
      ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap'],
      ...['-append', `console=ttyS0 quiet loglevel=1 panic=-1 ${guest} ${camera ? 'luxcam.camera' : ''}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  machine.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  machine.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const overdue = setTimeout(() => machine.kill('SIGKILL'), limit);
  await once(machine, 'close');
  clearTimeout(overdue);
  writeFileSync(path.join(cache, `last-run-of-${program}.log`), output);
  const lines = output.split(/\r?\n/).filter((line) => line.startsWith('{"fact":'));
  const facts = new Map(lines.map((line) => parseJson(factSchema, line)).map(({ fact, value }) => [fact, value]));
  if (facts.get('end') !== true) throw new Error(`${program} did not come to its end:\n${output}`);
  return facts;
}
