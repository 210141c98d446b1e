-- One limiter per model id over all processes: slots as leases that expire, tokens as a bucket that refills.
-- KEYS: slots (sorted set of leases by expiry), tokens (hash: level, at)
-- ARGV: 'acquire' or 'release', lease, slots (0 = any), tokens per minute (0 = any), tokens, lease ms
-- Returns: 0 when taken or released, else ms to wait before asking again
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local slots, perMinute, tokens = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local bucket = redis.call('HMGET', KEYS[2], 'level', 'at')
local level = tonumber(bucket[1] or perMinute)
level = math.min(perMinute, level + (now - tonumber(bucket[2] or now)) * perMinute / 60000)

if ARGV[1] == 'release' then
  redis.call('ZREM', KEYS[1], ARGV[2])
  if perMinute > 0 then
    redis.call('HSET', KEYS[2], 'level', level - tokens, 'at', now)
    redis.call('PEXPIRE', KEYS[2], 120000)
  end
  return 0
end

if slots > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= slots and not redis.call('ZSCORE', KEYS[1], ARGV[2]) then
    local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    return math.max(20, math.min(500, tonumber(first[2]) - now))
  end
end
-- A request larger than the whole bucket may go when the bucket is full; otherwise it would wait for ever.
local need = math.min(tokens, perMinute)
if perMinute > 0 and level < need then
  return math.ceil((need - level) * 60000 / perMinute)
end
if slots > 0 then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[6]), ARGV[2])
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[6]) + 60000)
end
if perMinute > 0 then
  redis.call('HSET', KEYS[2], 'level', level - tokens, 'at', now)
  redis.call('PEXPIRE', KEYS[2], 120000)
end
return 0
