import mqtt, { type IConnackPacket, type MqttClient } from 'mqtt';
import { LuxcamError, messageOf } from '../../core/luxcam-error';
import { brokerAddress, brokerAdvice } from '../broker-connection';
import type { Configuration } from '../config';

/** How long a command waits for the broker to answer at all, in milliseconds. */
const patience = 8000;

/**
 * Lets `work` use a connection to the broker, and ends it afterwards. Unlike the agent, a command does not wait for a
 * broker that is away: throws a LuxcamError `broker_unavailable`. `welcome` is what the broker said of itself.
 */
export async function withBroker<T>(
  settings: Configuration['mqtt'],
  work: (client: MqttClient, welcome: IConnackPacket) => Promise<T>,
): Promise<T> {
  const client = mqtt.connect(settings.url, {
    protocolVersion: settings.protocol_version,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: patience,
    ...settings.tls,
  });
  try {
    const welcome = await connected(client, brokerAddress(settings.url));
    return await work(client, welcome);
  } finally {
    await client.endAsync(!client.connected);
  }
}

function connected(client: MqttClient, address: string): Promise<IConnackPacket> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) =>
      reject(
        new LuxcamError('broker_unavailable', `The MQTT broker at ${address} can't be reached: ${reason}`, { cause }),
      );
    client.once('connect', resolve);
    client.on('error', (error) => fail(`${messageOf(error)}${brokerAdvice(messageOf(error))}`, error));
    client.once('close', () => fail('it ended the connection'));
  });
}
