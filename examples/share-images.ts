// One of several workers that share the images of a site: each image is examined by one of them, and what it found is
// added to the image's meta. Start as many as you like, where you like; any of them may be killed at any time.
// docs/workers.md says how it works.
//
//     npm install redis tsx
//     npx tsx examples/share-images.ts                 (REDIS_URL, PREFIX: which Redis and site; CLUSTER=1: a cluster)
//     npx tsx examples/share-images.ts --catch-up      examines what has no result yet, and ends
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { createClient, createCluster, ErrorReply, RESP_TYPES } from 'redis';

const prefix = process.env.PREFIX ?? '';
const events = `${prefix}events`;
/** The name of the work: of the group that shares it, and of its result in `meta`. */
const work = process.env.WORK ?? 'examined';
const me = `${hostname()}-${process.pid}`;
/** Seconds after which an image is taken from a worker that is not done with it: longer than one ever takes. */
const patience = Number(process.env.PATIENCE ?? 60);

/** One Redis; or several nodes of a cluster, with commas between them, whose user, password and scheme are the first's. */
const urls = (process.env.REDIS_URL ?? 'redis://localhost:6379').split(',').map((url) => new URL(url.trim()));

function createStore() {
  const [{ protocol, username, password } = new URL('redis://localhost:6379')] = urls;
  const options = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    maintNotifications: 'disabled' as const, // Redis 7.0 does not know them.
    // main connects anew, and says so.
    socket: { reconnectStrategy: false as const, ...(protocol === 'rediss:' && { tls: true as const }) },
  };
  const store =
    process.env.CLUSTER === '1'
      ? createCluster({ rootNodes: urls.map((url) => ({ url: url.href, ...options })), defaults: options })
      : createClient({ url: urls[0]?.href, ...options });
  store.on('error', () => undefined);
  return store;
}

let client = createStore();

type Meta = Record<string, unknown>;

/** Put your own work in here: a model that knows cats, a reader of number plates, ... */
async function examine(image: Buffer): Promise<Meta> {
  return { bytes: image.length, by: me };
}

/** Answers that end by themselves, or by connecting anew: the group was deleted, another Redis takes over, it starts. */
const passing = /^(NOGROUP|UNBLOCKED|READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN) /;

async function main(): Promise<void> {
  for (;;)
    try {
      await client.connect();
      if (process.argv.includes('--catch-up')) await catchUp();
      else await share();
      return await client.close();
    } catch (error) {
      if (error instanceof ErrorReply && !passing.test(error.message)) throw error;
      // What was in hand is handed out again, and what was written before is not written twice.
      console.error(`${me} goes on in a second: ${error}`);
      if (client.isOpen) client.destroy();
      client = createStore();
      await setTimeout(1000);
    }
}

/** Takes one image after the other, for ever. */
async function share(): Promise<void> {
  // From the oldest event on. The group is there already if another worker came first.
  await client.xGroupCreate(events, work, '0', { MKSTREAM: true }).catch((error) => {
    if (!error.message.includes('BUSYGROUP')) throw error;
  });
  console.log(`${me} is ready`);
  for (let place = '0-0'; ; ) {
    // First what another worker took and did not finish: it has died.
    const left = await client.xAutoClaim(events, work, me, patience * 1000, place, { COUNT: 1 });
    place = left.nextId;
    for (const entry of left.messages.length > 0 ? left.messages : await nextEvents()) {
      if (entry === null) continue;
      const id = capturedImage(entry.message.event);
      if (id !== undefined) await addResult(id);
      // Last: an image whose worker dies before this is taken up by another.
      await client.xAck(events, work, entry.id);
    }
  }
}

/** The next event that no worker has got yet; none if there was none for a second. */
async function nextEvents() {
  const streams = await client.xReadGroup(work, me, { key: events, id: '>' }, { COUNT: 1, BLOCK: 1000 });
  return streams?.[0]?.messages ?? [];
}

/** Examines all images that have no result yet, from the oldest on. One worker at a time is enough. */
async function catchUp(): Promise<void> {
  for (const camera of await client.sMembers(`${prefix}cameras`))
    for (const id of await client.zRange(`${prefix}images:${camera}`, 0, -1)) await addResult(id);
}

/** The id of the image that an event tells of; undefined if it tells of something else. */
function capturedImage(text: string | undefined): string | undefined {
  try {
    const event = JSON.parse(text ?? '');
    return event.event === 'captured' ? event.id : undefined;
  } catch {
    return undefined; // Somebody else wrote it.
  }
}

/** Examines an image, unless it is gone or was examined already, and adds the result to its meta. */
async function addResult(id: string): Promise<void> {
  const key = `${prefix}image:${id}`;
  // Bytes that are read as text are destroyed.
  const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  let known = await binary.hGet(key, 'meta');
  if (known === null || work in readMeta(known)) return;
  const image = await binary.hGet(key, 'image_data');
  if (image === null) return;
  // What can't be examined gets a result too, or it would be tried for ever.
  const result = await examine(image).catch((error: Error) => ({ error: error.message }));
  for (let done = 0; done === 0; ) {
    const meta = readMeta(known);
    if (work in meta) return;
    const next = JSON.stringify({ ...meta, [work]: result });
    done = Number(await client.eval(replaceMeta, { keys: [key], arguments: [known, next] }));
    // Somebody else has changed it in between: theirs is kept, and ours added to it.
    known = (await binary.hGet(key, 'meta')) ?? Buffer.from('{}');
  }
}

/** What stands in an image's meta. What others have written and nobody can read gives way: no worker must end at it. */
function readMeta(text: Buffer): Meta {
  try {
    const meta = JSON.parse(`${text}`);
    return typeof meta === 'object' && meta !== null && !Array.isArray(meta) ? meta : {};
  } catch {
    return {};
  }
}

/** Answers 1, 0 if the meta is not what it was, or -1 if the image is gone, which must not come back without its bytes. */
const replaceMeta = `
if redis.call('HEXISTS', KEYS[1], 'image_data') == 0 then return -1 end
if redis.call('HGET', KEYS[1], 'meta') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'meta', ARGV[2])
return 1`;

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
