import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from 'redis';
import { TestMosquitto } from './mosquitto';
import { TestRedis } from './redis-server';
import { ServerProcess, systemProgram } from './server-process';

const page = readFileSync(path.join(__dirname, '../../docs/tenants.md'), 'utf8');

/** The lines that docs/tenants.md tells people to put into a file. */
export function documented(kind: 'redis-acl' | 'mosquitto-conf' | 'mosquitto-acl' | 'yaml'): string {
  const found = page.match(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\`$`, 'm'))?.[1];
  if (found === undefined) throw new Error(`docs/tenants.md has no block ${kind}`);
  return found;
}

/** The lines of house 1, and again for house 2 with its name: what the page says to do. */
function forBothHouses(lines: string): string {
  const ofHouse = lines.slice(lines.indexOf('user house1'));
  return `${lines}${ofHouse.replaceAll('house1', 'house2')}`;
}

/** A Redis and a broker that two houses share, with the users that docs/tenants.md describes. */
export class TestTenants {
  readonly redis = new TestRedis();
  readonly mosquitto = new TestMosquitto();
  /** Sees all houses. */
  admin = createClient();
  private folder = '';

  async start(): Promise<this> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'luxcam-tenants-'));
    const users = path.join(this.folder, 'users.acl');
    const access = path.join(this.folder, 'access');
    const passwords = path.join(this.folder, 'passwords');
    await writeFile(users, forBothHouses(documented('redis-acl')));
    const accessLines = forBothHouses(documented('mosquitto-acl'));
    await writeFile(access, accessLines, { mode: 0o600 });
    const program = systemProgram('mosquitto_passwd', 'mosquitto');
    await writeFile(passwords, '', { mode: 0o600 });
    for (const [, user] of accessLines.matchAll(/^user (\S+)$/gm))
      await new ServerProcess(program, ['-b', passwords, `${user}`, `${user}-password`]).ended();
    const options = documented('mosquitto-conf')
      .replace(/^listener .*\n/m, '')
      .replace('/etc/mosquitto/passwords', passwords)
      .replace('/etc/mosquitto/access', access);
    await Promise.all([this.redis.start(['--aclfile', users]), this.mosquitto.start(options.trim().split('\n'))]);
    this.admin = createClient({ url: this.redisUrl('admin'), maintNotifications: 'disabled' });
    await this.admin.connect();
    return this;
  }

  redisUrl(user: string): string {
    return `redis://${user}:${user}-password@127.0.0.1:${this.redis.port}`;
  }

  mqttUrl(user: string): string {
    return `mqtt://${user}:${user}-password@127.0.0.1:${this.mosquitto.port}`;
  }

  /** The `luxcam.yaml` of house 1 as it is documented, for these servers; another user, or another house, in its place. */
  configuration(user = 'house1-agent'): string {
    const house = user.split('-')[0] ?? '';
    return documented('yaml')
      .replaceAll('house1-agent', user)
      .replaceAll('house1', house)
      .replace('localhost:6379', `127.0.0.1:${this.redis.port}`)
      .replace('localhost:1883', `127.0.0.1:${this.mosquitto.port}`);
  }

  async stop(): Promise<void> {
    if (this.admin.isOpen) this.admin.destroy();
    await Promise.all([this.redis.stop(), this.mosquitto.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
