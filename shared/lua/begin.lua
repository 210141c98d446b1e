-- A worker took a job: is the run at this step, in this epoch? Counts the start, so that a start which never
-- reports back (a dead process) is known at the next one.
-- KEYS: run, due
-- ARGV: runId, step, epoch, ms until the sweeper may look, starts at which a step is quarantined (0 = never)
-- Returns: {'ok', now, {field, value, ...}}, {'stale', status, kind, step, epoch},
--          {'quarantine'}, {'gone'}
local run = redis.call('HMGET', KEYS[1], 'status', 'step', 'epoch', 'starts', 'kind')
if not run[1] then
  return { 'gone' }
end
local at = (run[1] == 'running' or run[1] == 'finalizing') and run[2] == ARGV[2] and run[3] == ARGV[3]
if not at then
  return { 'stale', run[1], run[5], run[2], run[3] }
end
local limit = tonumber(ARGV[5])
if limit > 0 and tonumber(run[4]) >= limit then
  return { 'quarantine' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HINCRBY', KEYS[1], 'starts', 1)
redis.call('HSET', KEYS[1], 'begun', now)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
return { 'ok', now, redis.call('HGETALL', KEYS[1]) }
