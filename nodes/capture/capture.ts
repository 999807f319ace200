import type { Node, NodeAPI, NodeDef } from 'node-red';
import { findBroker } from '../broker';
import { NodeError, toNodeError } from '../node-error';
import { readSettings } from '../settings';
import { CaptureClient, captureSettingsSchema } from './capture-client';

/** Asks a camera for pictures over MQTT, and sends the announcement of each. */
export = (RED: NodeAPI): void => {
  const translate = RED._;

  function CaptureNode(this: Node, def: NodeDef): void {
    RED.nodes.createNode(this, def);
    const { settings, problem } = readSettings(captureSettingsSchema, def);
    const broker = findBroker(RED, settings?.broker, this.id);
    if (settings === null || broker === null) {
      const text = problem ?? translate('status.noBroker');
      this.status({ fill: 'red', shape: 'ring', text });
      this.on('input', (_msg, _send, done) => done(new NodeError('invalid_request', text)));
      return;
    }
    const capture = new CaptureClient(RED, this, broker, settings);
    this.on('input', (msg, send, done) => {
      capture.capture(msg, send).then(
        () => done(),
        (error: unknown) => done(toNodeError(error)),
      );
    });
    this.on('close', (removed: boolean, done: () => void) => {
      capture.stop(removed);
      done();
    });
    capture.start();
  }

  RED.nodes.registerType('luxcam-capture', CaptureNode);
};
