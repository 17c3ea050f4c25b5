/**
 * Lua scripts, which Redis runs atomically. A value starts with its version as 16 digits, so that versions compare as text.
 * Times come from Redis, since the servers' clocks may differ.
 */

const nowMicros = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`;

/** Lua's own conversion rounds numbers with 16 digits. */
const asText = `local function text(n) return string.format('%.0f', n) end`;

/** KEYS: key. ARGV: version (empty: none), value, life in ms (empty: unlimited), channel, message. */
const setScript = `
if ARGV[1] ~= '' then
  local stored = redis.call('GETRANGE', KEYS[1], 0, 15)
  if stored ~= '' and stored > ARGV[1] then return 0 end
end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
`;

/** KEYS: key. ARGV: channel, message. */
const forgetScript = `
local found = redis.call('DEL', KEYS[1])
if found == 1 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return found
`;

/**
 * The leases of a key are a sorted set of `version:requestId`, by the microsecond of their end. A request that is sent
 * again, because the connection was lost before the answer came, gets the lease that was granted to it before.
 * KEYS: key. ARGV: most, for ms, request id.
 */
const leaseScript = `
${nowMicros}
${asText}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
for _, holder in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(holder, -#ARGV[3]) == ARGV[3] then return {1, holder} end
end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, first[1], text((first[2] - now) / 1000)}
end
local holder = text(now) .. ':' .. ARGV[3]
redis.call('ZADD', KEYS[1], text(now + ARGV[2] * 1000), holder)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], text(math.ceil(last[2] / 1000)))
return {1, holder}
`;

/** KEYS: key. ARGV: holder, for ms. */
const extendScript = `
${nowMicros}
${asText}
local untilMicros = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not untilMicros or tonumber(untilMicros) <= now then return 0 end
redis.call('ZADD', KEYS[1], text(now + ARGV[2] * 1000), ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], text(math.ceil(last[2] / 1000)))
return 1
`;

/** KEYS: key. ARGV: holder, channel, message. */
const releaseScript = `
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
`;

/** Far longer than a command waits for a lost connection. */
const requestLifeMs = 60_000;

/**
 * Stores the result under a key for this request. So a request that is sent again, because the connection was lost before
 * the answer came, is counted once. KEYS: key, key of the request (of the same slot). ARGV: by, most (empty: no limit), at least, life in ms.
 */
const countScript = `
local earlier = redis.call('GET', KEYS[2])
if earlier then return tonumber(earlier) end
local stored = tonumber(redis.call('GET', KEYS[1]) or 0)
local by = tonumber(ARGV[1])
local total = math.max(stored, tonumber(ARGV[3])) + by
if ARGV[2] ~= '' and by > 0 and total > tonumber(ARGV[2]) then return false end
if total == stored then return total end
redis.call('INCRBY', KEYS[1], string.format('%.0f', total - stored))
redis.call('SET', KEYS[2], string.format('%.0f', total), 'PX', ${requestLifeMs})
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return total
`;

/**
 * A series is a sorted set of entries by their time. An entry starts with its digest as `digestDigits` characters. A request
 * that is sent again adds the same member. KEYS: key. ARGV: time in ms, entry, oldest time in ms, most (empty: no limit),
 * life in ms, digits of a digest.
 */
const appendScript = `
local digits = tonumber(ARGV[6])
local newest = redis.call('ZRANGE', KEYS[1], -1, -1)[1]
local digest = string.sub(ARGV[2], 1, digits)
if newest and newest ~= ARGV[2] and digest ~= string.rep(' ', digits) and string.sub(newest, 1, digits) == digest then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if ARGV[4] ~= '' then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[4] - 1) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`;

export const scripts = {
  setValue: { numberOfKeys: 1, lua: setScript },
  forgetValue: { numberOfKeys: 1, lua: forgetScript },
  takeLease: { numberOfKeys: 1, lua: leaseScript },
  extendLease: { numberOfKeys: 1, lua: extendScript },
  releaseLease: { numberOfKeys: 1, lua: releaseScript },
  addToCount: { numberOfKeys: 2, lua: countScript },
  appendEntry: { numberOfKeys: 1, lua: appendScript },
} as const;
