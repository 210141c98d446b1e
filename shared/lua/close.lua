-- The trace is in the store and everything is handed over: the sweeper lets go of the run.
-- KEYS: run, due, events
-- ARGV: runId, seconds that the closed record stays readable
-- Returns: 'ok', 'closed' (it was already), 'open' (it has not ended) or 'gone'
local status = redis.call('HGET', KEYS[1], 'status')
if not status then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 'gone'
end
if status == 'closed' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 'closed'
end
if status ~= 'finalizing' then
  return 'open'
end
redis.call('HSET', KEYS[1], 'status', 'closed')
redis.call('XADD', KEYS[3], redis.call('HINCRBY', KEYS[1], 'seq', 1) .. '-0', 's', 'closed')
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[2])
return 'ok'
