-- What became of a shard that a worker had in hand. A shard counts once, whoever made it again.
-- KEYS: job, open, waiting, held, marks, progress, counts
-- ARGV: shard, token, result, and by result:
--   done: rows, then name and value of each count
--   planned: number of shards
--   later: ms, what it waits for
--   retry: ms of the first pause, what went wrong
--   crashed, back: nothing
-- Returns: {'stale'}, {'over'} where the job is, {'ok'}, or {'ok', how often this has happened to the shard}
local shard = ARGV[1]
local held = redis.call('HGET', KEYS[4], shard)
if not held or string.match(held, ' (.+)$') ~= ARGV[2] then
  return { 'stale' }
end
redis.call('HDEL', KEYS[4], shard)
redis.call('HDEL', KEYS[6], shard)
if redis.call('HGET', KEYS[1], 'status') ~= 'in_progress' then
  return { 'over' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stage = redis.call('HGET', KEYS[1], 'stage')
local result = ARGV[3]

local function forget()
  redis.call('HDEL', KEYS[5], 'lost ' .. shard, 'crashes ' .. shard, 'tries ' .. shard)
end
local function wait(ms, note)
  redis.call('ZREM', KEYS[2], shard)
  redis.call('ZADD', KEYS[3], now + ms, shard)
  redis.call('HSET', KEYS[1], 'note', note)
end
local function next_stage()
  redis.call('HSET', KEYS[1], 'ended ' .. stage, now, 'stage', stage + 1)
  redis.call('DEL', KEYS[5], KEYS[6])
  if stage + 1 >= #cjson.decode(redis.call('HGET', KEYS[1], 'stages')) then
    redis.call('HSET', KEYS[1], 'status', 'completed', 'ended', now)
  else
    redis.call('ZADD', KEYS[2], 0, 'plan')
  end
end

if result == 'back' then
  redis.call('ZADD', KEYS[2], 'XX', 0, shard)
  return { 'ok' }
end
if result == 'crashed' then
  redis.call('ZADD', KEYS[2], 'XX', 0, shard)
  return { 'ok', tostring(redis.call('HINCRBY', KEYS[5], 'crashes ' .. shard, 1)) }
end
if result == 'later' then
  forget()
  wait(ARGV[4], ARGV[5])
  return { 'ok' }
end
if result == 'retry' then
  local tries = redis.call('HINCRBY', KEYS[5], 'tries ' .. shard, 1)
  wait(ARGV[4] * 2 ^ (tries - 1), ARGV[5])
  return { 'ok', tostring(tries) }
end
forget()
if redis.call('ZREM', KEYS[2], shard) == 0 then
  return { 'stale' }
end
if result == 'planned' then
  redis.call('HSET', KEYS[1], 'shards ' .. stage, ARGV[4], 'done ' .. stage, 0)
  for number = 0, ARGV[4] - 1 do
    redis.call('ZADD', KEYS[2], 0, string.format('%06d', number))
  end
else
  redis.call('HINCRBY', KEYS[1], 'done ' .. stage, 1)
  redis.call('HINCRBY', KEYS[1], 'rows ' .. stage, ARGV[4])
  for at = 5, #ARGV, 2 do
    redis.call('HINCRBYFLOAT', KEYS[7], stage .. ' ' .. ARGV[at], ARGV[at + 1])
  end
end
if redis.call('ZCARD', KEYS[2]) == 0 and redis.call('ZCARD', KEYS[3]) == 0 then
  next_stage()
end
return { 'ok' }
