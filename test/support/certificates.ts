import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemProgram } from './server-process';

/** The paths of a certificate and its key. */
export interface CertificateFiles {
  cert: string;
  key: string;
}

/** An authority of its own for one test file, and the certificates that it signs: PEM files in a folder of their own. */
export class TestAuthority {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'luxcam-certificates-'));
  /** The authority's own certificate. */
  readonly ca: string;
  private readonly key: string;

  constructor() {
    const { cert, key } = this.request('authority', [
      '-x509',
      '-days',
      '2',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
    ]);
    this.ca = cert;
    this.key = key;
  }

  /** A certificate for a name, as X.509 writes it (`DNS:localhost`, `IP:127.0.0.1`). A negative number of days: it has expired. */
  sign(name: string, subject: string, days = 2): CertificateFiles {
    const { cert: request, key } = this.request(name, []);
    const cert = path.join(this.folder, `${name}.pem`);
    const extensions = path.join(this.folder, `${name}.extensions`);
    writeFileSync(extensions, `subjectAltName=${subject}\n`);
    const signer = ['-CA', this.ca, '-CAkey', this.key, '-CAcreateserial', '-days', `${days}`, '-extfile', extensions];
    openssl(['x509', '-req', '-in', request, '-out', cert, ...signer]);
    return { cert, key };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private request(name: string, options: string[]): CertificateFiles {
    const [cert, key] = ['request.pem', 'key'].map((ending) => path.join(this.folder, `${name}.${ending}`));
    if (cert === undefined || key === undefined) throw new Error('no paths');
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(['req', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert, ...options]);
    return { cert, key };
  }
}

function openssl(args: string[]): void {
  const { status, stderr } = spawnSync(systemProgram('openssl', 'openssl'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
}

/** The options of a redis-server that also listens at a port where it wants everybody's certificate. */
export function redisTlsOptions({ ca }: TestAuthority, { cert, key }: CertificateFiles, port: number): string[] {
  return ['--tls-port', `${port}`, '--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key];
}
