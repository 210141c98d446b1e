-- What became of a try. One that was leased to somebody else meanwhile changes nothing.
-- KEYS: delivery, due, flight, all, delivered, failed, state
-- ARGV: id, ms ahead, token, result ('delivered', 'retry', 'failed' or 'back': no try was made), ms until the next
--       try, tries as JSON, most that a log holds, ms that it holds them, prefix of the delivery hashes,
--       failures in a row after which a success makes all that waits due, and at most once in so many ms
-- Returns: {'stale'} or {'ok', now, since when every try has failed, this one with it, or ''}
if redis.call('HGET', KEYS[1], 'claims') ~= ARGV[3] or redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then
  return { 'stale' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
local result = ARGV[4]
if result == 'back' or result == 'retry' then
  redis.call('ZADD', KEYS[2], now + ARGV[5], ARGV[1])
  redis.call('HSET', KEYS[1], 'due', now + ARGV[5])
end
if result == 'back' then
  return { 'ok', now, redis.call('HGET', KEYS[7], 'failingSince') or '' }
end
redis.call('HSET', KEYS[1], 'tries', ARGV[6])
redis.call('HINCRBY', KEYS[1], 'attempts', 1)

local function trim(log)
  local ids = redis.call('ZRANGEBYSCORE', log, '-inf', now - ARGV[8])
  for _, id in ipairs(redis.call('ZRANGE', log, 0, -1 - ARGV[7])) do
    ids[#ids + 1] = id
  end
  for _, id in ipairs(ids) do
    redis.call('ZREM', log, id)
    redis.call('ZREM', KEYS[4], id)
    redis.call('DEL', ARGV[9] .. id)
  end
end
if result ~= 'retry' then
  redis.call('HSET', KEYS[1], 'status', result, 'ended', now)
  redis.call('ZADD', result == 'delivered' and KEYS[5] or KEYS[6], now, ARGV[1])
  trim(KEYS[5])
  trim(KEYS[6])
end

if result ~= 'delivered' then
  redis.call('HINCRBY', KEYS[7], 'failures', 1)
  redis.call('HSETNX', KEYS[7], 'failingSince', now)
  local since = redis.call('HGET', KEYS[7], 'failingSince')
  -- With nothing left to try, what comes next may fail weeks later: that is no longer the same failing.
  local left = redis.call('ZCARD', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + redis.call('HEXISTS', KEYS[7], 'spilled')
  if left == 0 then
    redis.call('HDEL', KEYS[7], 'failingSince')
  end
  return { 'ok', now, since }
end
local state = redis.call('HMGET', KEYS[7], 'failures', 'hastened')
redis.call('HDEL', KEYS[7], 'failures', 'failingSince')
redis.call('HSET', KEYS[7], 'delivered', now)
if tonumber(state[1] or 0) >= tonumber(ARGV[10]) and now - (state[2] or 0) >= tonumber(ARGV[11]) then
  redis.call('HSET', KEYS[7], 'hastened', now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '+inf')) do
    redis.call('ZADD', KEYS[2], now, id)
    redis.call('HSET', ARGV[9] .. id, 'due', now)
  end
end
return { 'ok', now, '' }
