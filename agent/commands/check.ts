import pino from 'pino';
import { checkBroker } from '../checks/broker-check';
import { checkCamera, type Picture } from '../checks/camera-check';
import type { Finding } from '../checks/finding';
import { checkLines } from '../checks/gpio-check';
import { checkRedis } from '../checks/redis-check';
import { checkSpool } from '../checks/spool-check';
import { type Configuration, ConfigurationError } from '../config';
import { readArguments } from './command';
import { configurationOption, configurationUsage, readConfiguration } from './configuration';
import { printable, table } from './words';

export const usage = `Usage: luxcam check [--json] [--config FILE]

Tries everything that the configuration names: takes a picture with each camera (through the agent, if it runs), takes
and releases the GPIO lines, reaches Redis and the broker, writes to the spool; and says what to do about what is wrong.
Ends with status 1 if there is a fault.

  --json             prints {"status","findings":[{"check","status","message","remedy"}]}
${configurationUsage}`;

/** Checks and reports. Returns 1 if there is a fault; a warning is none. */
export async function run(args: string[]): Promise<number> {
  const { values } = readArguments(args, { ...configurationOption, json: { type: 'boolean' } });
  const findings = await findAll(values.config);
  const faulty = findings.some(({ status }) => status === 'fault');
  const warned = findings.some(({ status }) => status === 'warning');
  const status = faulty ? 'fault' : warned ? 'warning' : 'ok';
  if (values.json) console.log(JSON.stringify({ status, findings }));
  else console.log(report(findings));
  return faulty ? 1 : 0;
}

async function findAll(file: string | undefined): Promise<Finding[]> {
  let configuration: Configuration;
  try {
    configuration = readConfiguration(file);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.mistakes.map((message) => ({ check: 'configuration', status: 'fault', message }));
  }
  const { cameras, mqtt } = configuration;
  const names = Object.keys(cameras).join(', ');
  const broker = await checkBroker(configuration);
  // What a camera would log, it also says in what it throws.
  const log = pino({ level: 'silent' });
  const pictures = new Map<string, Picture>();
  const ofCameras: Finding[] = [];
  for (const [name, settings] of Object.entries(cameras)) {
    const { finding, picture } = await checkCamera(name, settings, { mqtt, agentRuns: broker.agentRuns === true, log });
    ofCameras.push(finding);
    if (picture !== null) pictures.set(name, picture);
  }
  return [
    { check: 'configuration', status: 'ok', message: `cameras: ${names}` },
    ...ofCameras,
    ...(await checkLines(configuration, broker.agentRuns)),
    ...(await checkRedis(configuration, pictures)),
    ...broker.findings,
    await checkSpool(configuration),
  ];
}

function report(findings: readonly Finding[]): string {
  const rows = findings.map(({ check, status, message }) => [status.toUpperCase(), check, printable(message)]);
  const todo = findings.flatMap(({ check, remedy }) => (remedy ? [`  ${check}: ${printable(remedy)}`] : []));
  return [table(rows), ...(todo.length > 0 ? ['', 'What to do:', ...todo] : [])].join('\n');
}
