-- Ends a run from outside its step: cancelled by the client, condemned, out of attempts or past its deadline.
-- The epoch rises, so whoever works on the step is too late.
-- KEYS: run, due, events
-- ARGV: runId, outcome JSON, ms until the sweeper may look, tenant ('' = any), step and epoch ('' = any)
-- Returns: {'ok', step, epoch, status before}, {'ended', status}, {'moved'}, {'gone'}
local run = redis.call('HMGET', KEYS[1], 'status', 'tenant', 'step', 'epoch')
if not run[1] or (ARGV[4] ~= '' and run[2] ~= ARGV[4]) then
  return { 'gone' }
end
if run[1] ~= 'pending' and run[1] ~= 'running' then
  return { 'ended', run[1] }
end
if (ARGV[5] ~= '' and run[3] ~= ARGV[5]) or (ARGV[6] ~= '' and run[4] ~= ARGV[6]) then
  return { 'moved' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'status', 'finalizing', 'kind', 'finalize', 'outcome', ARGV[2], 'ended', now, 'starts', 0, 'fails', 0)
redis.call('XADD', KEYS[3], redis.call('HINCRBY', KEYS[1], 'seq', 1) .. '-0', 's', 'finalizing', 'n', run[3])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
return { 'ok', run[3], epoch, run[1] }
