-- One request of a tenant: takes a token from its bucket, which refills evenly, and says how many runs it has open.
-- KEYS: bucket (hash: level, at), open runs (sorted set)
-- ARGV: tokens per minute, which is also what the bucket holds (0 = any)
-- Returns: {1 = taken or 0 = empty, whole tokens left, ms until the next token, ms until full, runs open}
local perMinute = tonumber(ARGV[1])
local open = redis.call('ZCARD', KEYS[2])
if perMinute == 0 then
  return { 1, 0, 0, 0, open }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = perMinute
if bucket[1] then
  -- A clock that was set back must not take tokens away.
  local passed = math.max(0, now - tonumber(bucket[2]))
  level = math.min(perMinute, tonumber(bucket[1]) + passed * perMinute / 60000)
end
local taken = 0
if level >= 1 then
  level = level - 1
  taken = 1
end
redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%d', now))
-- Full again by then, which is what an absent bucket is.
redis.call('PEXPIRE', KEYS[1], 61000)
local untilNext = math.ceil(math.max(0, 1 - level) * 60000 / perMinute)
return { taken, math.floor(level), untilNext, math.ceil((perMinute - level) * 60000 / perMinute), open }
