import type { NodeAPI } from 'node-red';
import type { Certificates } from '../../core/certificates';
import { NodeError } from '../node-error';

/** Node-RED's own `tls-config` node, as the nodes that use it see it. */
interface TlsNode {
  /** False where its files can't be read. */
  valid: boolean;
  /** Puts into `options` what node:tls takes. */
  addTLSOptions(options: Certificates): Certificates;
}

/**
 * The certificates of a TLS configuration, or undefined where none is chosen. Throws a NodeError `invalid_request` if it
 * is not there, or its files can't be read.
 */
export function readTlsConfiguration(RED: NodeAPI, id: string | undefined): Certificates | undefined {
  if (!id) return undefined;
  const node: unknown = RED.nodes.getNode(id);
  if (!isTlsNode(node)) throw new NodeError('invalid_request', RED._('error.noTls'));
  if (!node.valid) throw new NodeError('invalid_request', RED._('error.badTls'));
  return node.addTLSOptions({});
}

function isTlsNode(node: unknown): node is TlsNode {
  return typeof node === 'object' && node !== null && 'addTLSOptions' in node;
}
