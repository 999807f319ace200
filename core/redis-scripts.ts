// The Lua scripts that Redis runs: for steps that must not be torn apart, and for reading thousands of small
// fields without sending them over the wire. Images never pass through a script: a 2 MB put took 4.7 to 5.6
// times as long in one as in a transaction.

/** About how many entries the change feed keeps. */
const eventsKept = 10_000;

/** Keeps the change feed that long, as an option of `XADD`. */
export const eventsTrim = { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: eventsKept } } as const;

/**
 * Pins or unpins an image if it is still there.
 * KEYS: image, pinned, events, outbox. ARGV: id, capture time, milliseconds to live (0 = pin), expires_at, announcement.
 * Returns 1, or 0 where there is no such image. The outbox is only written to if its writer keeps one.
 */
export const pinScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
-- First: a Redis that is full lets a script begin with what needs no memory, and end then.
if ARGV[3] == '0' then
  redis.call('PERSIST', KEYS[1])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
redis.call('HSET', KEYS[1], 'expires_at', ARGV[4])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', '${eventsKept}', '*', 'event', ARGV[5])
redis.call('XADD', KEYS[4], 'NOMKSTREAM', '*', 'event', ARGV[5])
return 1`;

/**
 * Deletes an image if it is still there: of two who want to, one does. Also in a Redis that is full, which would refuse a
 * transaction with an XADD in it, but lets a script that has begun to write end.
 * KEYS: image, events, outbox, then the camera's indexes. ARGV: id, announcement.
 * Returns 1, or 0 where there is no such image. The outbox is only written to if its writer keeps one.
 */
export const deleteScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[1])
for at = 4, #KEYS do redis.call('ZREM', KEYS[at], ARGV[1]) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', '${eventsKept}', '*', 'event', ARGV[2])
redis.call('XADD', KEYS[3], 'NOMKSTREAM', '*', 'event', ARGV[2])
return 1`;

/**
 * Replaces an image's meta if the image is still there and nobody else has changed its meta since it was read. The
 * JSON is made outside: Lua would make objects of empty arrays, and round numbers.
 * KEYS: image. ARGV: the meta as it was read (empty if there was none), the new one.
 * Returns 1, 0 if the meta is another one by now, or -1 where there is no such image.
 */
export const metaScript = `
if redis.call('HEXISTS', KEYS[1], 'sha256') == 0 then return -1 end
if (redis.call('HGET', KEYS[1], 'meta') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'meta', ARGV[2])
return 1`;

/**
 * Removes the entries of images that are gone from one stretch of a camera's index.
 * KEYS: the index, then its parts. ARGV: prefix of image keys, rank to begin at, number of entries to look at.
 * Returns how many entries were looked at and how many removed.
 */
export const trimScript = `
local ids = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[2] + ARGV[3] - 1)
local gone = {}
for _, id in ipairs(ids) do
  if redis.call('EXISTS', ARGV[1] .. id) == 0 then gone[#gone + 1] = id end
end
if #gone > 0 then
  for _, key in ipairs(KEYS) do redis.call('ZREM', key, unpack(gone)) end
end
return {#ids, #gone}`;

/**
 * Sifts images by their small fields, so that only the places of those that match come over the wire.
 * KEYS: the images. ARGV: trigger (empty for any), lowest and highest lux (empty where lux does not matter), whether
 * pinned (1, 0, or empty for both). Returns the places in KEYS, counted from 1, of the images that are there and match.
 */
export const siftScript = `
local trigger, least, most, pinned = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local found = {}
for place, key in ipairs(KEYS) do
  local fields = redis.call('HMGET', key, 'sha256', 'trigger', 'lux', 'expires_at')
  local lux = tonumber(fields[3] or '')
  local kept = (tonumber(fields[4] or '') or 0) <= 0
  if fields[1] and (trigger == '' or fields[2] == trigger)
    and (not least or (lux and lux >= least and lux <= most))
    and (pinned == '' or (pinned == '1') == kept) then found[#found + 1] = place end
end
return found`;

/**
 * The ids of an index by hour and light whose light lies in a range, from the newest hour down, all of an hour together.
 * It passes over hours without any in two steps, and returns when there are enough, or after a hundred hours.
 * KEYS: the index. ARGV: newest and oldest hour, lowest and highest band, bands of an hour, how many are enough.
 * Returns the hour to go on with, and the ids.
 */
export const hourWalkScript = `
local hour, oldest, low, high = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local bands, enough, found, steps = tonumber(ARGV[5]), tonumber(ARGV[6]), {}, 0
local function text(score) return string.format('%.0f', score) end
while hour >= oldest and #found < enough and steps < 100 do
  steps = steps + 1
  local top = text(hour * bands + high)
  local next = redis.call('ZRANGE', KEYS[1], top, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')[2]
  if not next then hour = oldest - 1 break end
  local there = math.floor(tonumber(next) / bands)
  local band = tonumber(next) - there * bands
  if band > high then hour = there
  else
    if band >= low and there >= oldest then
      local ids = redis.call('ZRANGE', KEYS[1], text(there * bands + low), text(there * bands + high), 'BYSCORE')
      for _, id in ipairs(ids) do found[#found + 1] = id end
    end
    hour = there - 1
  end
end
return {hour, found}`;

/**
 * Counts what lies in a range of light in an index by hour and light, from the newest hour down: two commands an hour, and
 * the ids where hour or light lie only partly in what is asked for. It returns after five hundred hours, or enough ids.
 * KEYS: the index. ARGV: newest and oldest hour, newest and oldest that lie in it as a whole, lowest and highest band,
 * lowest and highest that lie in it as a whole, bands of an hour, how many ids are enough.
 * Returns the hour to go on with, the number, and the ids.
 */
export const hourCountScript = `
local hour, oldest, wholeNewest, wholeOldest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local low, high, wholeLow, wholeHigh = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local bands, enough, count, found, steps = tonumber(ARGV[9]), tonumber(ARGV[10]), 0, {}, 0
local function text(score) return string.format('%.0f', score) end
local function find(there, from, to)
  local ids = redis.call('ZRANGE', KEYS[1], text(there * bands + from), text(there * bands + to), 'BYSCORE')
  for _, id in ipairs(ids) do found[#found + 1] = id end
end
while hour >= oldest and steps < 500 and #found < enough do
  steps = steps + 1
  local top = text(hour * bands + bands - 1)
  local next = redis.call('ZRANGE', KEYS[1], top, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')[2]
  local there = next and math.floor(tonumber(next) / bands) or oldest - 1
  if there >= oldest then
    if there > wholeNewest or there < wholeOldest then find(there, low, high)
    else
      count = count + redis.call('ZCOUNT', KEYS[1], text(there * bands + wholeLow), text(there * bands + wholeHigh))
      if low < wholeLow then find(there, low, wholeLow - 1) end
      if high > wholeHigh then find(there, wholeHigh + 1, high) end
    end
  end
  hour = there - 1
end
return {hour, count, found}`;

/**
 * Adds up one stretch of a camera's images by the hour of their capture.
 * KEYS: the index. ARGV: prefix of image keys, lowest and highest score, number of entries to look at, the time.
 * Returns the number of entries looked at, the score of the last one, and a JSON array with the sums of each hour.
 */
export const statisticsScript = `
local entries = redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3], 'BYSCORE', 'LIMIT', 0, ARGV[4], 'WITHSCORES')
local hours, list = {}, {}
-- Nil also for what JSON has no number for: nan, inf.
local function number(text)
  local value = text and tonumber(text)
  return value and value > -1e15 and value < 1e15 and value or nil
end
for at = 1, #entries, 2 do
  local time = number(entries[at + 1])
  local fields = redis.call('HMGET', ARGV[1] .. entries[at], 'size', 'lux', 'trigger', 'expires_at')
  if fields[1] and time then
    local hour = math.floor(time / 3600000)
    local sum = hours[hour]
    if not sum then
      sum = {hour = hour, images = 0, bytes = 0, motion = 0, measured = 0, lux = 0, oldest = time, newest = time,
        pinned = 0, expiring = 0, left = 0}
      hours[hour] = sum
      list[#list + 1] = sum
    end
    sum.images = sum.images + 1
    sum.bytes = sum.bytes + (number(fields[1]) or 0)
    if fields[3] == 'motion' then sum.motion = sum.motion + 1 end
    local lux = number(fields[2])
    if lux then
      sum.measured = sum.measured + 1
      sum.lux = sum.lux + lux
      sum.least = math.min(sum.least or lux, lux)
      sum.most = math.max(sum.most or lux, lux)
    end
    local expires = number(fields[4])
    if expires == 0 then
      sum.pinned = sum.pinned + 1
    elseif expires then
      sum.expiring = sum.expiring + 1
      sum.left = sum.left + math.max(0, expires - ARGV[5])
    end
    sum.oldest = math.min(sum.oldest, time)
    sum.newest = math.max(sum.newest, time)
  end
end
return {#entries / 2, entries[#entries] or '', #list == 0 and '[]' or cjson.encode(list)}`;

/**
 * Takes what only one may have, as the name of an agent, or says again that who has it is there.
 * KEYS: the name. ARGV: the taker's own mark, its machine, since when it runs, milliseconds until it counts as gone.
 * Returns nothing, or machine and start of another one that has it.
 */
export const holdScript = `
local at = redis.call('HMGET', KEYS[1], 'token', 'host', 'since')
if at[1] and at[1] ~= ARGV[1] then return {at[2] or '', at[3] or ''} end
-- A Redis that is full refuses to write, but not to prolong.
if not at[1] then redis.call('HSET', KEYS[1], 'token', ARGV[1], 'host', ARGV[2], 'since', ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {}`;

/** Gives it back. KEYS: the name. ARGV: the taker's own mark. */
export const releaseScript = `
if redis.call('HMGET', KEYS[1], 'token')[1] == ARGV[1] then redis.call('UNLINK', KEYS[1]) end`;

/**
 * Counts the entries of an index by stretches of time, of which it skips the empty ones: two commands for each that
 * holds images, however many these are.
 * KEYS: the index. ARGV: lowest and highest score, length of a stretch in milliseconds, how many stretches at the most.
 * Returns the start and the number of each, oldest first: start, number, start, number ...
 */
export const countScript = `
local counts, from, length = {}, ARGV[1], tonumber(ARGV[3])
while #counts < 2 * ARGV[4] do
  local first = redis.call('ZRANGE', KEYS[1], from, ARGV[2], 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if not first[2] then break end
  local start = math.floor(tonumber(first[2]) / length) * length
  local next = start + length
  local last = ARGV[2] ~= '+inf' and next > tonumber(ARGV[2]) and ARGV[2] or string.format('(%.0f', next)
  counts[#counts + 1] = string.format('%.0f', start)
  counts[#counts + 1] = redis.call('ZCOUNT', KEYS[1], from, last)
  from = string.format('%.0f', next)
end
return counts`;
