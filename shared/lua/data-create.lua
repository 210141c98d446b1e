-- Makes the live state of a data job, where there is none.
-- KEYS: job, open
-- ARGV: tenant, when it was made
-- Returns: 1, or 0 where there is one
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'tenant', ARGV[1], 'status', 'queued', 'created', ARGV[2], 'stage', 0)
redis.call('ZADD', KEYS[2], 0, 'plan')
return 1
