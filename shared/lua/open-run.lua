-- A new run of a tenant takes one of its places. A run that has its place already keeps it.
-- KEYS: open runs (sorted set)
-- ARGV: runId, places (0 = any)
-- Returns: 1 when it has a place, 0 when all are taken
local places = tonumber(ARGV[2])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 1
end
if places > 0 and redis.call('ZCARD', KEYS[1]) >= places then
  return 0
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])
return 1
