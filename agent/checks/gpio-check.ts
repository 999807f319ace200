import pino from 'pino';
import { messageOf } from '../../core/luxcam-error';
import type { Configuration, TriggerSettings } from '../config';
import { createTrigger } from '../triggers/create-trigger';
import type { Finding } from './finding';

/**
 * Takes each trigger's GPIO line and gives it back. Lines of an agent that runs are let be, for giving them back would
 * take them from it; also where nobody knows whether one runs (null).
 */
export async function checkLines(configuration: Configuration, agentRuns: boolean | null): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [camera, { triggers }] of Object.entries(configuration.cameras)) {
    for (const settings of triggers) {
      if (!('gpio' in settings)) continue;
      const check = `${settings.type} ${camera}`;
      findings.push({ check, ...(await checkLine(settings, configuration.agent.gpio.backend, agentRuns)) });
    }
  }
  return findings;
}

type GpioTriggerSettings = Extract<TriggerSettings, { gpio: number }>;
type Backend = Configuration['agent']['gpio']['backend'];

async function checkLine(
  settings: GpioTriggerSettings,
  backend: Backend,
  agentRuns: boolean | null,
): Promise<Omit<Finding, 'check'>> {
  const line = `GPIO ${settings.gpio}`;
  if (agentRuns) return { status: 'ok', message: `${line} is the running agent's (its log tells more)` };
  if (agentRuns === null) {
    const message = `${line} was not tried: without the broker it is not known whether an agent uses it`;
    return { status: 'warning', message, remedy: 'see broker' };
  }
  const said: string[] = [];
  const log = pino({}, { write: (text: string) => said.push(text) });
  const trigger = createTrigger(settings, backend, () => undefined, log);
  try {
    await trigger.start(() => undefined);
    await trigger.stop();
  } catch (error) {
    const [message = '', ...remedy] = messageOf(error).split(/: (?=[a-z])/);
    return { status: 'fault', message, remedy: remedy.join(': ') };
  }
  if (said.length === 0) return { status: 'ok', message: `${line} can be watched` };
  const remedy = `add gpio=${settings.gpio}=ip,pu (or pd) to config.txt, or fit a resistor`;
  return { status: 'warning', message: `${line} can be watched, but its pull resistor was not set`, remedy };
}
