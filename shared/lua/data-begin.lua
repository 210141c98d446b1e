-- A worker takes a shard in hand.
-- KEYS: job, open, held, marks
-- ARGV: stage, shard, token of the worker's try, ms that it holds it, names of the stages as JSON (kept by the first)
-- Returns: {'gone'}, {'stale'}, {'busy', ms until its holder counts as dead}, or {'ok', tenant, name of the stage, how
--          often a holder died, how often its process did}
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'queued' and status ~= 'in_progress' then
  return { 'gone' }
end
if redis.call('HGET', KEYS[1], 'stage') ~= ARGV[1] or not redis.call('ZSCORE', KEYS[2], ARGV[2]) then
  return { 'stale' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HGET', KEYS[3], ARGV[2])
if held then
  local left = tonumber(string.match(held, '^%d+')) - now
  if left > 0 then
    return { 'busy', tostring(left) }
  end
  redis.call('HINCRBY', KEYS[4], 'lost ' .. ARGV[2], 1)
end
redis.call('HSET', KEYS[3], ARGV[2], string.format('%d %s', now + ARGV[4], ARGV[3]))
redis.call('ZADD', KEYS[2], now + ARGV[4], ARGV[2])
if status == 'queued' then
  redis.call('HSET', KEYS[1], 'status', 'in_progress', 'started', now)
end
redis.call('HSETNX', KEYS[1], 'stages', ARGV[5])
redis.call('HSETNX', KEYS[1], 'started ' .. ARGV[1], now)
redis.call('HDEL', KEYS[1], 'note')
local stages = cjson.decode(redis.call('HGET', KEYS[1], 'stages'))
local marks = redis.call('HMGET', KEYS[4], 'lost ' .. ARGV[2], 'crashes ' .. ARGV[2])
return { 'ok', redis.call('HGET', KEYS[1], 'tenant'), stages[tonumber(ARGV[1]) + 1] or '', marks[1] or '0', marks[2] or '0' }
