-- An admitted run begins: pending -> running. A run that is past that answers with what it is.
-- KEYS: run, due, events
-- ARGV: runId, ms until the sweeper may look
-- Returns: {'ok'|'not_pending'|'gone', status, kind, step, epoch}
local run = redis.call('HMGET', KEYS[1], 'status', 'kind', 'step', 'epoch', 'deadline')
if not run[1] then
  return { 'gone' }
end
if run[1] ~= 'pending' then
  return { 'not_pending', run[1], run[2], run[3], run[4] }
end
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
-- As strings: Redis prints each number that a script hands to it as a float, at the price of a small command.
local look = ms + ARGV[2]
if run[5] and tonumber(run[5]) > ms then
  look = math.min(look, tonumber(run[5]))
end
local now, due = string.format('%d', ms), string.format('%d', look)
redis.call('HSET', KEYS[1], 'status', 'running', 'started', now)
redis.call('XADD', KEYS[3], redis.call('HINCRBY', KEYS[1], 'seq', 1) .. '-0', 's', 'running')
redis.call('ZADD', KEYS[2], due, ARGV[1])
return { 'ok', 'running', run[2], run[3], run[4] }
