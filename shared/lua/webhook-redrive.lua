-- Makes deliveries due now: failed ones with all their tries before them, waiting ones with those that are left.
-- KEYS: due, delivered, failed
-- ARGV: ms ahead, prefix of the delivery hashes, 'failed' or 'pending', created at or after (ms), an id ('' = all)
-- Returns: how many
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
local ids = { ARGV[5] }
if ARGV[5] == '' then
  ids = redis.call('ZRANGE', ARGV[3] == 'failed' and KEYS[3] or KEYS[1], 0, -1)
end
local count = 0
for _, id in ipairs(ids) do
  local key = ARGV[2] .. id
  local fields = redis.call('HMGET', key, 'status', 'created')
  if fields[1] and tonumber(fields[2]) >= tonumber(ARGV[4]) then
    if fields[1] ~= 'pending' then
      redis.call('ZREM', KEYS[2], id)
      redis.call('ZREM', KEYS[3], id)
      redis.call('HSET', key, 'status', 'pending', 'attempts', 0)
      redis.call('HDEL', key, 'ended')
      redis.call('ZADD', KEYS[1], now, id)
      redis.call('HSET', key, 'due', now)
      count = count + 1
    elseif redis.call('ZSCORE', KEYS[1], id) then
      redis.call('ZADD', KEYS[1], now, id)
      redis.call('HSET', key, 'due', now)
      count = count + 1
    end
  end
end
return count
