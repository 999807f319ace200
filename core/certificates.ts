/** Whom to trust on a TLS connection, and what to show of oneself: the contents of PEM files, as node:tls takes them. */
export interface Certificates {
  /** Who has signed the server's certificate; in place of those that Node.js trusts by itself. */
  ca?: string | Buffer;
  /** Our own certificate, and its key. */
  cert?: string | Buffer;
  key?: string | Buffer;
  /** What the key is locked with. */
  passphrase?: string;
  /** The name that the server's certificate has to be for, where it is not the host of the URL. */
  servername?: string;
  rejectUnauthorized?: boolean;
  ALPNProtocols?: string[];
}

/** What to do about what goes wrong when two machines want to trust each other; empty for everything else. */
export function certificateAdvice(reason: string): string {
  if (/self[- ]signed certificate|unable to (verify the first|get (local )?issuer) certificate/.test(reason))
    return ' - who signed its certificate is not known here: name that certificate as ca';
  if (/does not match certificate's altnames/.test(reason))
    return ' - its certificate is for another name: connect by that one, or have it made for this one (subjectAltName)';
  if (/certificate has expired/.test(reason)) return " - have the server's certificate renewed, or set the clock";
  if (/certificate is not yet valid/.test(reason)) return " - is this machine's clock right?";
  if (
    /alert (bad certificate|unknown ca|certificate (required|unknown|expired|revoked)|handshake failure)/.test(reason)
  )
    return ' - it takes no one without a certificate that it trusts: name one as cert, and its key';
  if (/wrong version number|packet length too long|unknown protocol/.test(reason))
    return ' - there is no TLS at this port: check the port, or connect without TLS';
  return '';
}
