import { LuxcamError } from './luxcam-error';

/**
 * The URLs in a setting: one, or several of a cluster's nodes with commas between them. Throws a LuxcamError
 * `invalid_request` if one of them is none.
 */
export function redisUrls(text: string): [URL, ...URL[]] {
  const [first = '', ...others] = text.split(/\s*,\s*(?=\w+:\/\/)/);
  return [parseUrl(first), ...others.map(parseUrl)];
}

/** Hosts and ports (or the socket's path) of Redis URLs, without credentials. Throws as {@link redisUrls} does. */
export function redisAddress(text: string): string {
  return redisUrls(text).map(addressOf).join(', ');
}

/** Host and port of one URL, or the socket's path. */
export function addressOf(url: URL): string {
  return url.protocol === 'unix:' ? url.pathname : `${url.hostname}:${url.port || '6379'}`;
}

/** What of Redis' settings has to fit together. */
export interface RedisPlace {
  url: string;
  prefix: string;
  cluster?: boolean;
  tls?: object;
}

/** The setting that does not fit the others, and why. */
export interface MisfitSetting {
  setting: 'url' | 'prefix' | 'tls';
  message: string;
}

/** What does not fit together; undefined if all does. Throws as {@link redisUrls} does. */
export function misfit({ url: text, prefix, cluster = false, tls }: RedisPlace): MisfitSetting | undefined {
  const urls = redisUrls(text);
  if (tls !== undefined && urls.some(({ protocol }) => protocol !== 'rediss:'))
    return { setting: 'tls', message: 'certificates are for rediss:// alone: write rediss:// in the URL' };
  if (!cluster && urls.length > 1)
    return { setting: 'url', message: 'several URLs are for the nodes of a cluster: set cluster, or leave one URL' };
  if (cluster && urls.some(({ protocol }) => protocol === 'unix:'))
    return { setting: 'url', message: 'the nodes of a cluster are reached by redis:// or rediss://' };
  if (cluster && urls.some(({ pathname }) => pathname.length > 1))
    return { setting: 'url', message: 'a cluster has no database numbers: leave what stands behind the port' };
  // The part of a key that decides about its slot: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
  if (cluster && !/^[^{]*\{[^}]+\}/.test(prefix))
    return {
      setting: 'prefix',
      message:
        'with a cluster the prefix has to hold a name in braces, for example {house1}: (all keys with the same lie on one node)',
    };
  return undefined;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['redis:', 'rediss:', 'unix:'].includes(url.protocol)) return url;
  throw new LuxcamError(
    'invalid_request',
    'The Redis URL is not one: it must look like redis://host:6379, rediss://host:6379 or unix:///run/redis/redis.sock',
  );
}
