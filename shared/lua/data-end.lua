-- Ends a data job: nothing of it is handed out any more. Who has a shard in hand stays on record until it lets go.
-- KEYS: job, open, waiting, progress
-- ARGV: status, error as JSON or ''
-- Returns: 1, or 0 where it was over or is not there
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'queued' and status ~= 'in_progress' then
  return 0
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'status', ARGV[1], 'ended', time[1] * 1000 + math.floor(time[2] / 1000))
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'error', ARGV[2])
end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
return 1
