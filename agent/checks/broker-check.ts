import { setTimeout } from 'node:timers/promises';
import type { IConnackPacket, MqttClient } from 'mqtt';
import { messageOf } from '../../core/luxcam-error';
import { Topics } from '../../core/topics';
import { withBroker } from '../commands/broker';
import type { Configuration } from '../config';
import type { Finding } from './finding';

/** How long the broker may take to send what is retained, in milliseconds. */
const retainedPatience = 500;

/** What a thumbnail of 64 KiB needs, in bytes. */
const largestMessage = 66 * 1024;

/** Reaches the broker. `agentRuns` is whether it knows an agent of this configuration's name; null if it is away. */
export async function checkBroker({
  agent,
  mqtt,
}: Configuration): Promise<{ findings: Finding[]; agentRuns: boolean | null }> {
  try {
    return await withBroker(mqtt, async (client, welcome) => {
      const agentRuns = await hearOnline(client, new Topics(mqtt.base).agentStatus(agent.name));
      return { findings: judge(welcome, agentRuns ? `, agent ${agent.name} is online` : ''), agentRuns };
    });
  } catch (error) {
    const remedy = "check mqtt.url; on this machine: 'sudo apt-get install mosquitto'. Images are stored all the same.";
    return { findings: [{ check: 'broker', status: 'fault', message: messageOf(error), remedy }], agentRuns: null };
  }
}

async function hearOnline(client: MqttClient, topic: string): Promise<boolean> {
  const said = new Promise<boolean>((resolve) => {
    client.on('message', (heard, payload) => {
      if (heard === topic) resolve(payload.toString() === 'online');
    });
  });
  const [granted] = await client.subscribeAsync(topic, { qos: 1 });
  if (granted === undefined || granted.qos > 2) throw new Error(`the broker lets nobody listen to ${topic}`);
  return Promise.race([said, setTimeout(retainedPatience, false)]);
}

function judge({ properties }: IConnackPacket, agent: string): Finding[] {
  const { maximumPacketSize, retainAvailable, maximumQoS } = properties ?? {};
  const check = 'broker';
  if (retainAvailable === false)
    return [{ check, status: 'fault', message: 'it retains no messages', remedy: 'allow retained messages in it' }];
  if (maximumQoS === 0)
    return [{ check, status: 'fault', message: 'it knows only QoS 0', remedy: 'allow QoS 1 in it (max_qos)' }];
  if (maximumPacketSize !== undefined && maximumPacketSize < largestMessage) {
    const message = `it takes messages of at most ${maximumPacketSize} bytes, so large thumbnails are left out`;
    return [{ check, status: 'warning', message, remedy: 'raise max_packet_size to 70000 or more' }];
  }
  return [{ check, status: 'ok', message: `reached${agent}` }];
}
