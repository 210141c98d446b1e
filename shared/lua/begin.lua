-- A worker took a job: is the run at this step, in this epoch? Counts the start, so that a start which never
-- reports back (a dead process) is known at the next one.
-- The due index is left alone: a step that outlasts it is found still in its queue, and left in peace.
-- KEYS: run
-- ARGV: step, epoch, starts at which a step is quarantined (0 = never)
-- Returns: {'ok', now, {field, value, ...}}, {'stale', status, kind, step, epoch},
--          {'quarantine'}, {'gone'}
local run = redis.call('HMGET', KEYS[1], 'status', 'step', 'epoch', 'starts', 'kind')
if not run[1] then
  return { 'gone' }
end
local at = (run[1] == 'running' or run[1] == 'finalizing') and run[2] == ARGV[1] and run[3] == ARGV[2]
if not at then
  return { 'stale', run[1], run[5], run[2], run[3] }
end
local limit = tonumber(ARGV[3])
if limit > 0 and tonumber(run[4]) >= limit then
  return { 'quarantine' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'starts', run[4] + 1, 'begun', now)
return { 'ok', now, redis.call('HGETALL', KEYS[1]) }
