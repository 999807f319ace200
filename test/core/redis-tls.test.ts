import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Certificates } from '../../core/certificates';
import { RedisConnection } from '../../core/redis-connection';
import { RedisImageStore } from '../../core/redis-image-store';
import { type CertificateFiles, redisTlsOptions, TestAuthority } from '../support/certificates';
import { freePort } from '../support/free-port';
import { newImage } from '../support/new-image';
import { TestRedis } from '../support/redis-server';

describe('a Redis that wants certificates', () => {
  const authority = new TestAuthority();
  const redis = new TestRedis();
  let port: number;
  let ours: Required<Pick<Certificates, 'ca' | 'cert' | 'key'>>;

  before(async () => {
    port = await freePort();
    await redis.start(redisTlsOptions(authority, authority.sign('server', 'IP:127.0.0.1'), port));
    const { cert, key } = authority.sign('pi1', 'DNS:pi1');
    ours = { ca: readFileSync(authority.ca), cert: readFileSync(cert), key: readFileSync(key) };
  });
  after(async () => {
    await redis.stop();
    authority.remove();
  });

  const connect = async (tls: Certificates | undefined, url = `rediss://127.0.0.1:${port}`) => {
    const connection = new RedisConnection({ url, prefix: '', ...(tls && { tls }) });
    connection.start();
    await once(connection, 'state');
    return connection;
  };
  const problem = async (tls: Certificates | undefined, url?: string) => {
    const connection = await connect(tls, url);
    const { state, problem } = connection;
    await connection.stop();
    assert.equal(state, 'offline');
    return problem ?? '';
  };
  const giveServer = async ({ cert, key }: CertificateFiles) => {
    const plain = await connect(undefined, redis.url);
    await plain.client.configSet({ 'tls-cert-file': cert, 'tls-key-file': key });
    await plain.stop();
  };

  it('keeps images for who has one that it trusts', async () => {
    const connection = await connect(ours);
    const store = new RedisImageStore({ connection, ownsCameras: true });
    const stop = new AbortController();
    const event = store.events('0-0', stop.signal).next();
    const { id } = await store.put(newImage());
    assert.equal((await store.get(id))?.bytes.length, 8);
    assert.equal((await event).value?.type, 'announcement');
    stop.abort();
    await connection.stop();
  });

  it('is not believed without its authority, and says what to do', async () => {
    assert.match(await problem(undefined), /certificate.* - who signed its certificate is not known here: name that/);
  });

  it('turns those away who show no certificate, or one of another authority', async () => {
    const stranger = new TestAuthority();
    const { cert, key } = stranger.sign('stranger', 'DNS:stranger');
    const words = /alert .* - it takes no one without a certificate that it trusts: name one as cert, and its key/;
    assert.match(await problem({ ca: ours.ca }), words);
    assert.match(await problem({ ca: ours.ca, cert: readFileSync(cert), key: readFileSync(key) }), words);
    stranger.remove();
  });

  it('is not believed under another name, nor with a certificate that has expired', async () => {
    assert.match(
      await problem(ours, `rediss://localhost:${port}`),
      / - its certificate is for another name: connect by/,
    );
    await giveServer(authority.sign('old', 'IP:127.0.0.1', -1));
    assert.match(await problem(ours), /certificate has expired - have the server's certificate renewed/);
  });

  it('is not looked for without TLS', () => {
    assert.throws(
      () => new RedisConnection({ url: redis.url, prefix: '', tls: ours }),
      /certificates are for rediss:\/\/ alone/,
    );
  });
});
