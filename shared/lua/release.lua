-- A worker gives its step back: it failed in an orderly way, or had to wait. Its start is taken back, since the
-- process lives; an attempt is counted only where the step spent one.
-- KEYS: run, due
-- ARGV: runId, step, epoch, attempts spent (0 or 1), ms until the sweeper may look
-- Returns: fails so far, or -1 when the record has moved on
local run = redis.call('HMGET', KEYS[1], 'status', 'step', 'epoch', 'starts', 'deadline')
if (run[1] ~= 'running' and run[1] ~= 'finalizing') or run[2] ~= ARGV[2] or run[3] ~= ARGV[3] then
  return -1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(run[4]) > 0 then
  redis.call('HINCRBY', KEYS[1], 'starts', -1)
end
local look = now + tonumber(ARGV[5])
if run[5] and run[1] == 'running' and tonumber(run[5]) > now then
  look = math.min(look, tonumber(run[5]))
end
redis.call('ZADD', KEYS[2], look, ARGV[1])
return redis.call('HINCRBY', KEYS[1], 'fails', ARGV[4])
