import { certificateAdvice } from './certificates';

/** Whether Redis answers that its access rules forbid a command or a key; within a script it says so in words alone. */
export function isForbidden(reason: string): boolean {
  return /NOPERM|The user executing the script can't/.test(reason);
}

/** What to do about the answers of Redis that people meet; empty for others. */
export function redisAdvice(reason: string): string {
  if (/NOAUTH|WRONGPASS/.test(reason)) return ' - check the user name and password';
  if (isForbidden(reason))
    return ' - its user may not do this: allow it that command, and the keys with its prefix (docs/tenants.md)';
  if (/OOM/.test(reason))
    return " - its memory is full: raise 'maxmemory', shorten the ttl, or set maxmemory-policy volatile-ttl";
  if (/^(MOVED|CROSSSLOT)/.test(reason)) return ' - it is a node of a Redis Cluster: set cluster';
  if (/cluster support disabled/.test(reason)) return ' - it is no Redis Cluster: leave cluster out';
  if (/^CLUSTERDOWN/.test(reason)) return ' - some of its slots have no primary: redis-cli --cluster check';
  if (/^NOREPLICAS/.test(reason)) return ' - too few of its replicas are there (min-replicas-to-write)';
  if (/ECONNREFUSED|ENOENT/.test(reason)) return ' - is redis-server running there?';
  if (/^Connection timeout/.test(reason)) return ' - check the host and port, and whether TLS is spoken there';
  if (/ENOTFOUND|EAI_AGAIN/.test(reason)) return ' - check the host name';
  return certificateAdvice(reason);
}
