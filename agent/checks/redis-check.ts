import { messageOf } from '../../core/luxcam-error';
import { type RedisInfo, redisInfo } from '../../core/redis-info';
import { withStore } from '../commands/store';
import { sizeText, spanText } from '../commands/words';
import type { CameraSettings, Configuration } from '../config';
import type { Picture } from './camera-check';
import type { Finding } from './finding';
import { imagesAtATime } from './timer-images';

/** What an image takes in Redis for each of its bytes: its own, the thumbnail's, and what Redis rounds up to. */
const memoryPerByte = 1.15;

/** Redis 6.2 is the first whose ZRANGE and XADD have the options that luxcam uses. */
const oldestVersion = [6, 2] as const;

const remedyForMemory =
  "in redis.conf: 'maxmemory 256mb' (or what this machine can spare) and 'maxmemory-policy volatile-ttl'";

/** Looks at Redis, its clock, and whether the cameras' images will fit, given a picture that each has just taken. */
export async function checkRedis(
  { redis, cameras }: Configuration,
  pictures: ReadonlyMap<string, Picture>,
): Promise<Finding[]> {
  try {
    return await withStore(redis, async (store) => {
      const facts = (await redisInfo(store.connection)) ?? new Map();
      const needs = Object.entries(cameras).map(([name, settings]) => need(name, settings, pictures.get(name)));
      const bytes = needs.reduce((sum, each) => sum + each.bytes, 0);
      return [
        judgeServer(store.connection.address, facts),
        ...needs.map(({ finding }) => finding),
        judgeMemory(facts, bytes),
        judgeClock(store.connection.clockOffset),
      ];
    });
  } catch (error) {
    const remedy = "check redis.url; on this machine: 'sudo apt-get install redis-server'";
    return [{ check: 'Redis', status: 'fault', message: messageOf(error), remedy }];
  }
}

function judgeServer(address: string, facts: RedisInfo): Finding {
  const check = 'Redis';
  const version = facts.get('redis_version');
  if (version === undefined) return { check, status: 'ok', message: `${address} is there (its user may not use INFO)` };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const message = `${address}, version ${version}`;
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]))
    return { check, status: 'fault', message, remedy: `luxcam needs Redis ${oldestVersion.join('.')} or newer` };
  if (facts.get('role') === 'slave')
    return { check, status: 'fault', message: `${message}, a read-only copy`, remedy: 'name its primary in redis.url' };
  return { check, status: 'ok', message };
}

/** How many bytes a camera's images take once as many come as go. Sensors and commands can't be foreseen. */
function need(name: string, settings: CameraSettings, picture: Picture | undefined) {
  const check = `room ${name}`;
  const images = settings.triggers.reduce(
    (sum, trigger) => (trigger.type === 'timer' ? sum + imagesAtATime(trigger, trigger.ttl ?? settings.ttl) : sum),
    0,
  );
  const others = settings.triggers.some((trigger) => trigger.type !== 'timer');
  const more = others ? ', and what its other triggers add' : '';
  if (picture === undefined) {
    const finding: Finding = { check, status: 'warning', message: 'unknown without a picture', remedy: 'see camera' };
    return { bytes: 0, finding };
  }
  const bytes = images * picture.size * memoryPerByte;
  const many =
    images === 0 ? 'no timer fills it' : `${images.toLocaleString('en')} image${images === 1 ? '' : 's'} at a time`;
  const message = `${many} (ttl ${spanText(settings.ttl)}), ${sizeText(bytes)}${more}`;
  const finding: Finding = { check, status: 'ok', message };
  return { bytes, finding };
}

function judgeMemory(facts: RedisInfo, needed: number): Finding {
  const check = 'memory';
  const limit = Number(facts.get('maxmemory') ?? Number.NaN);
  const policy = facts.get('maxmemory_policy') ?? '';
  const used = Number(facts.get('used_memory') ?? 0);
  if (Number.isNaN(limit))
    return { check, status: 'warning', message: 'not known', remedy: 'let its user use INFO, or ask its owner' };
  const machine = Number(facts.get('total_system_memory') ?? 0);
  const message = `${sizeText(needed)} needed, ${sizeText(used)} used now, `;
  if (limit === 0) {
    const text = `${message}no limit on a machine with ${sizeText(machine)}`;
    return { check, status: 'warning', message: text, remedy: remedyForMemory };
  }
  const whole = `${message}maxmemory ${sizeText(limit)}, ${policy}`;
  const remedy = 'shorten ttl, take fewer or smaller pictures, or raise maxmemory';
  if (policy === 'noeviction' && (needed > limit || used >= limit))
    return { check, status: 'fault', message: `${whole}: captures will be refused`, remedy };
  if (policy.startsWith('allkeys'))
    return {
      check,
      status: 'warning',
      message: `${whole}: it may drop indexes and pinned images`,
      remedy: remedyForMemory,
    };
  if (needed > limit)
    return { check, status: 'warning', message: `${whole}: images will be dropped before their time`, remedy };
  return { check, status: 'ok', message: whole };
}

function judgeClock(offset: number): Finding {
  const check = 'clock';
  const seconds = Math.abs(offset) / 1000;
  if (seconds <= 2) return { check, status: 'ok', message: `${seconds.toFixed(1)} s off Redis' clock` };
  const message = `${spanText(Math.abs(offset))} ${offset > 0 ? 'behind' : 'ahead of'} Redis' clock`;
  return {
    check,
    status: 'warning',
    message,
    remedy: "'timedatectl' tells whether this machine reaches a time server",
  };
}
