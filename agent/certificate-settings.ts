import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Certificates } from '../core/certificates';
import { messageOf } from '../core/luxcam-error';

/**
 * The certificates of a TLS connection: `ca` (who has signed the server's), and our own `cert` with its `key`. In the
 * configuration they are paths of PEM files; what they hold goes on.
 */
export const certificatesSchema = z
  .strictObject({
    ca: pemFile(certificateProblem).optional(),
    cert: pemFile(certificateProblem).optional(),
    key: pemFile(keyProblem).optional(),
  })
  .superRefine(({ cert, key }, context) => {
    const complain = (setting: string, message: string) =>
      context.addIssue({ code: 'custom', path: [setting], message });
    if (cert !== undefined && key === undefined) complain('cert', 'a certificate needs its key beside it: key');
    if (key !== undefined && cert === undefined) complain('key', 'a key needs its certificate beside it: cert');
    if (cert === undefined || key === undefined) return;
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      complain('key', 'this key is not that of the certificate in cert');
  })
  .transform((files): Certificates => files);

/** A path whose file is read. */
function pemFile(problemOf: (pem: string) => string | undefined) {
  return z
    .string()
    .min(1)
    .transform((path, context) => {
      const refuse = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      let pem: string;
      try {
        pem = readFileSync(path, 'utf8');
      } catch (error) {
        return refuse(`it can't be read: ${messageOf(error)}`);
      }
      const problem = problemOf(pem);
      return problem === undefined ? pem : refuse(`${path} ${problem}`);
    });
}

function certificateProblem(pem: string): string | undefined {
  try {
    new X509Certificate(pem);
  } catch {
    return 'holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)';
  }
}

// What the library says of a key could show a part of it: it is not passed on.
function keyProblem(pem: string): string | undefined {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem))
    return "is locked with a passphrase: give it one without ('openssl pkey -in old.pem -out new.pem'), readable by the agent alone";
  try {
    createPrivateKey(pem);
  } catch {
    return 'holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)';
  }
}
