// `npm run endurance`: what an agent has to stand on a wall, with figures. `npm run endurance -- 300` leaves Redis away
// for 300 seconds instead of 60.
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { RedisConnection } from '../core/redis-connection';
import { EnduranceTrial } from '../test/support/endurance-trial';
import { TestRedisCluster } from '../test/support/redis-cluster';
import { ClusterLoad } from './cluster-load';

const awaySeconds = Number(process.argv[2] ?? 60);

async function main(): Promise<void> {
  await killEverything();
  await leaveRedisAway(awaySeconds);
  await fillRedis();
  await killPrimaries();
}

/** 400 captures and more by timer and command, while agent, Redis and broker are killed twice each. */
async function killEverything(): Promise<void> {
  const trial = await new EnduranceTrial('100ms').start();
  const asking = setInterval(() => trial.ask(), 100);
  try {
    for (let round = 1; round <= 2; round += 1) {
      await setTimeout(4000);
      await trial.killAgent();
      await trial.startAgent();
      await setTimeout(3000);
      await trial.redis.kill();
      await setTimeout(2000);
      await trial.redis.resume();
      await setTimeout(4000);
      await trial.mosquitto.kill();
      await setTimeout(2000);
      await trial.resumeBroker();
    }
    while ((await trial.count()) < 400) await setTimeout(200);
    clearInterval(asking);
    await drained(trial);
    await trial.stopAgent();
    const { stored, lost, unannounced, repeats, disorder } = await trial.verdict();
    tell('kill agent, Redis and broker twice each', {
      stored,
      lost: lost.length,
      'never announced': unannounced.length,
      'announced again': repeats,
      'out of order': disorder.length,
    });
  } finally {
    clearInterval(asking);
    await trial.stop();
  }
}

/** Two captures a second while Redis is away, and how long the images on disk take to reach it afterwards. */
async function leaveRedisAway(seconds: number): Promise<void> {
  const trial = await new EnduranceTrial('500ms').start();
  try {
    await trial.hear('captured', 5);
    await trial.redis.kill();
    await trial.hear('spooled', 10);
    const before = memory(trial.pid);
    await setTimeout(seconds * 1000);
    const [after, waiting] = [memory(trial.pid), await trial.waiting()];
    await trial.redis.resume();
    const began = performance.now();
    await drained(trial);
    const took = (performance.now() - began) / 1000;
    await trial.stopAgent();
    const { stored, lost, unannounced, repeats, disorder } = await trial.verdict();
    tell(`Redis away for ${seconds} s at 2 captures a second`, {
      'on disk': waiting,
      'seconds until all were in Redis': took.toFixed(1),
      'memory before and after, MB': `${before} and ${after}`,
      stored,
      lost: lost.length,
      'never announced': unannounced.length,
      'announced again': repeats,
      'out of order': disorder.length,
    });
  } finally {
    await trial.stop();
  }
}

/** A Redis that is full and evicts nothing, until somebody gives it more memory. */
async function fillRedis(): Promise<void> {
  const trial = await new EnduranceTrial('100ms').start(['--maxmemory', '4mb', '--maxmemory-policy', 'noeviction']);
  const connection = new RedisConnection({ url: trial.redis.url, prefix: '' });
  try {
    connection.start();
    await connection.ready();
    await trial.hear('spooled', 20);
    const waiting = await trial.waiting();
    await connection.client.configSet('maxmemory', '0');
    await trial.hear('captured', waiting);
    await drained(trial);
    await trial.stopAgent();
    const { stored, lost, unannounced, disorder } = await trial.verdict();
    tell('Redis full, noeviction', {
      'on disk': waiting,
      stored,
      lost: lost.length,
      'never announced': unannounced.length,
      'out of order': disorder.length,
    });
  } finally {
    await connection.stop();
    await trial.stop();
  }
}

/** A cluster whose primary with the images is killed three times, under an agent and then under writers and readers. */
async function killPrimaries(): Promise<void> {
  const cluster = await new TestRedisCluster().start();
  const trial = await new EnduranceTrial('100ms', cluster).start();
  const load = new ClusterLoad(cluster);
  const asking = setInterval(() => trial.ask(), 100);
  try {
    for (let kill = 1; kill <= 3; kill += 1) {
      await trial.hear('captured', 40);
      await failOver(cluster, '{house1}:');
      await trial.hear('captured', 10);
    }
    clearInterval(asking);
    await drained(trial);
    await trial.stopAgent();
    const { stored, lost, unannounced, repeats, disorder } = await trial.verdict();
    tell('cluster, primary killed three times under an agent', {
      stored,
      lost: lost.length,
      'never announced': unannounced.length,
      'announced again': repeats,
      'out of order': disorder.length,
    });
    await load.start();
    const behind = [];
    for (let kill = 1; kill <= 3; kill += 1) {
      await setTimeout(2000);
      behind.push(await failOver(cluster, load.prefix));
      await setTimeout(2000);
    }
    tell('cluster, primary killed three times under four writers and two readers', {
      ...(await load.stop()),
      'bytes that the replica never got, for each kill': behind.join(', '),
    });
  } finally {
    clearInterval(asking);
    await trial.stop();
    await cluster.stop();
  }
}

/**
 * Kills the primary, and starts it again as a replica once its own has taken over. Returns how many bytes of what the
 * primary had written that one never got.
 */
async function failOver(cluster: TestRedisCluster, prefix: string): Promise<number> {
  const primary = await cluster.primaryOf(prefix);
  const replica = await cluster.replicaOf(primary);
  await primary.says(['INFO', 'replication'], /state=online/);
  const written = offset('master_repl_offset', await primary.client.info('replication'));
  await primary.signal('SIGKILL');
  await replica.says(['INFO', 'replication'], /role:master/);
  const received = offset('second_repl_offset', await replica.client.info('replication'));
  await primary.start();
  return Math.max(0, written - received);
}

/** One of the places in the stream of changes that a Redis tells of, in bytes. */
function offset(name: string, info: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
}

async function drained(trial: EnduranceTrial): Promise<void> {
  while ((await trial.waiting()) > 0) await setTimeout(50);
}

/** What a process holds in memory, in MB. */
function memory(pid: number): number {
  const [, kilobytes = '0'] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

function tell(what: string, figures: Record<string, number | string>): void {
  console.log(`\n${what}`);
  for (const [name, figure] of Object.entries(figures)) console.log(`  ${name}: ${figure}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
