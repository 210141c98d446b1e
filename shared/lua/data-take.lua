-- Which shards are to be handed out now: the first ones that are ready, as many as may be in hand at a time.
-- KEYS: job, open, waiting, marks
-- ARGV: ms after which somebody looks whether a hint is still there, shards in hand at a time ('' = as was last said)
-- Returns: {stage, serial, shards...}; nothing where there is none
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'queued' and status ~= 'in_progress' then
  return {}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, shard in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  redis.call('ZREM', KEYS[3], shard)
  redis.call('ZADD', KEYS[2], 0, shard)
end
local window = ARGV[2]
if window == '' then
  window = redis.call('HGET', KEYS[1], 'window') or '1'
else
  redis.call('HSET', KEYS[1], 'window', window)
end
local room = tonumber(window) - redis.call('ZCOUNT', KEYS[2], '(0', '+inf')
if room <= 0 then
  return {}
end
local shards = redis.call('ZRANGEBYSCORE', KEYS[2], 0, 0, 'LIMIT', 0, room)
if #shards == 0 then
  return {}
end
local serial = redis.call('HINCRBY', KEYS[1], 'serial', 1)
for _, shard in ipairs(shards) do
  redis.call('ZADD', KEYS[2], now + ARGV[1], shard)
  redis.call('HSET', KEYS[4], 'serial ' .. shard, serial)
end
return { redis.call('HGET', KEYS[1], 'stage'), tostring(serial), unpack(shards) }
