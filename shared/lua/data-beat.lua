-- A worker still has a shard in hand.
-- KEYS: job, open, held, progress
-- ARGV: shard, token, ms that it holds it, share of it that is done ('' = not known)
-- Returns: 1, or 0 where it must let go: the job is over, or somebody else has the shard
local held = redis.call('HGET', KEYS[3], ARGV[1])
if not held or string.match(held, ' (.+)$') ~= ARGV[2] or redis.call('HGET', KEYS[1], 'status') ~= 'in_progress' then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], ARGV[1], string.format('%d %s', now + ARGV[3], ARGV[2]))
redis.call('ZADD', KEYS[2], 'XX', now + ARGV[3], ARGV[1])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
end
return 1
