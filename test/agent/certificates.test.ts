import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError, parseConfiguration } from '../../agent/config';
import { type CertificateFiles, redisTlsOptions, TestAuthority } from '../support/certificates';
import { freePort } from '../support/free-port';
import { luxcam, runningLuxcam } from '../support/luxcam-command';
import { TestMosquitto } from '../support/mosquitto';
import { MqttListener } from '../support/mqtt-listener';
import { TestRedis } from '../support/redis-server';

describe('certificates in luxcam.yaml', () => {
  const authority = new TestAuthority();
  const redis = new TestRedis();
  const mosquitto = new TestMosquitto();
  let own: CertificateFiles;
  let tls: { ca: string; cert: string; key: string };
  let redisUrl: string;
  let mqttUrl: string;
  let plainPort: number;

  const file = (name: string, content: string) => {
    const place = path.join(authority.folder, name);
    writeFileSync(place, content);
    return place;
  };

  before(async () => {
    const server = authority.sign('server', 'IP:127.0.0.1');
    own = authority.sign('pi1', 'DNS:pi1');
    tls = { ca: authority.ca, ...own };
    const [tlsPort, plain] = [await freePort(), await freePort()];
    plainPort = plain;
    const files = [`cafile ${authority.ca}`, `certfile ${server.cert}`, `keyfile ${server.key}`];
    await Promise.all([
      redis.start(redisTlsOptions(authority, server, tlsPort)),
      mosquitto.start([...files, 'require_certificate true', 'allow_anonymous true', `listener ${plain} 127.0.0.1`]),
    ]);
    redisUrl = `rediss://127.0.0.1:${tlsPort}`;
    mqttUrl = `mqtts://127.0.0.1:${mosquitto.port}`;
  });
  after(async () => {
    await Promise.all([redis.stop(), mosquitto.stop()]);
    authority.remove();
  });

  it('let the agent and the commands in, where Redis and broker want them', async () => {
    const listener = await new MqttListener().start(`mqtt://127.0.0.1:${plainPort}`);
    const configuration = file(
      'luxcam.yaml',
      JSON.stringify({
        agent: { name: 'pi1', spool: { path: path.join(authority.folder, 'spool') } },
        redis: { url: redisUrl, tls },
        mqtt: { url: mqttUrl, tls },
        cameras: { front: { source: { type: 'simulated', width: 320, height: 240 } } },
      }),
    );
    const agent = runningLuxcam(['agent', '--config', configuration]);
    await agent.printed(/agent runs/);
    await agent.printed(/broker connected/);
    const run = (...words: string[]) => luxcam([...words, '--config', configuration]);
    const [captured, checked] = [await run('capture', 'front'), await run('check')];
    assert.equal(captured.status, 0, captured.errors);
    const said = await listener.announcement('front');
    assert.equal(said.event, 'captured');
    assert.match(checked.output, /OK +broker +reached, agent pi1 is online/);
    assert.match(checked.output, /OK +Redis +127\.0\.0\.1:\d+, version/);
    const gallery = runningLuxcam(['gallery', '--port', '0', '--config', configuration]);
    const [, address] = await gallery.printed(/Gallery: (\S+)/);
    const images = await (await fetch(`${address}api/images`)).text();
    assert.ok('id' in said && images.includes(`${said.id}`), images);
    await listener.message(({ topic }) => topic === 'luxcam/agents/pi1/status');
    assert.deepEqual([gallery.output.includes('MQTT broker at'), agent.output.includes('"level":50')], [false, false]);
    await Promise.all([gallery.stop(), agent.stop()]);
    await listener.stop();
  });

  it('are asked for in words by a broker that was not shown any, or is not believed', async () => {
    const problem = async (certificates?: object) => {
      const settings = { url: mqttUrl, ...(certificates && { tls: certificates }) };
      const configuration = file('asking.yaml', JSON.stringify({ mqtt: settings }));
      return (await luxcam(['capture', 'front', '--config', configuration])).errors;
    };
    assert.match(await problem(), / - who signed its certificate is not known here/);
    assert.match(await problem({ ca: tls.ca }), / - it takes no one without a certificate that it trusts/);
  });

  it('are complained of with the line and what to do', () => {
    const mistakes = (settings: string[]): string[] => {
      const text = ['cameras: { front: { source: { type: simulated } } }', ...settings].join('\n');
      try {
        parseConfiguration(text, 'luxcam.yaml');
      } catch (error) {
        if (error instanceof ConfigurationError) return error.mistakes;
        throw error;
      }
      return [];
    };
    const redisWith = (...lines: string[]) =>
      mistakes(['redis:', '  url: rediss://localhost', '  tls:', ...lines.map((line) => `    ${line}`)]).join('\n');
    assert.match(
      redisWith('ca: /nowhere/ca.pem'),
      /^line 5, redis\.tls\.ca: it can't be read: ENOENT.*'\/nowhere\/ca\.pem'$/,
    );
    assert.match(
      redisWith(`ca: ${file('no.pem', 'nonsense')}`),
      /^line 5, redis\.tls\.ca: \S+no\.pem holds no certificate in PEM form/,
    );
    const { cert, key } = own;
    assert.match(redisWith(`cert: ${cert}`), /^line 5, redis\.tls\.cert: a certificate needs its key beside it/);
    assert.match(redisWith(`key: ${key}`), /^line 5, redis\.tls\.key: a key needs its certificate beside it/);
    const other = authority.sign('other', 'DNS:other');
    assert.match(
      redisWith(`cert: ${cert}`, `key: ${other.key}`),
      /^line 6, redis\.tls\.key: this key is not that of the certificate in cert$/,
    );
    assert.match(
      redisWith(`cert: ${cert}`, `key: ${cert}`),
      /^line 6, redis\.tls\.key: \S+pi1\.pem holds no private key in PEM form/,
    );
    const locked = file('locked.key', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n');
    assert.match(redisWith(`cert: ${cert}`, `key: ${locked}`), /locked with a passphrase: give it one without/);
    assert.match(
      mistakes(['mqtt:', '  url: mqtt://localhost', `  tls: { ca: ${tls.ca} }`]).join('\n'),
      /^line 4, mqtt\.tls: certificates are for mqtts:\/\/ and wss:\/\/ alone/,
    );
    assert.match(
      mistakes(['redis:', '  url: redis://localhost', `  tls: { ca: ${tls.ca} }`]).join('\n'),
      /^line 4, redis\.tls: certificates are for rediss:\/\/ alone/,
    );
    assert.match(
      mistakes(['redis:', '  cluster: true', '  prefix: "house1:"']).join('\n'),
      /^line 4, redis\.prefix: with a cluster the prefix has to hold a name in braces/,
    );
  });
});
