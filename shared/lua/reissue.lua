-- The sweeper's hand on an overdue run. 'look' tells where it is, 'wait' leaves it in peace for a while,
-- 'reissue' raises the epoch so that its step can be handed out under a new job id.
-- KEYS: run, due
-- ARGV: runId, mode, ms until the sweeper may look again, step and epoch that the sweeper saw (for 'reissue')
-- Returns: {'ok', status, kind, step, epoch, now, times that this step was reissued, config, holder}, {'moved'}, {'not_due'} or {'gone'}
local run = redis.call('HMGET', KEYS[1], 'status', 'kind', 'step', 'epoch', 'reissued', 'deadline', 'config', 'holder')
if not run[1] or run[1] == 'closed' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return { 'gone' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if due and tonumber(due) > now then
  return { 'not_due' }
end
-- Counted for each step, with the step's number beside it, so that a step's end need not set it back.
local counted, times = string.match(run[5] or '', '^(-?%d+):(%d+)$')
times = counted == run[3] and tonumber(times) or 0
if ARGV[2] == 'reissue' then
  if run[3] ~= ARGV[4] or run[4] ~= ARGV[5] then
    return { 'moved' }
  end
  run[4] = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  times = times + 1
  redis.call('HSET', KEYS[1], 'reissued', run[3] .. ':' .. times)
end
if ARGV[2] ~= 'look' then
  local look = now + tonumber(ARGV[3])
  if run[6] and (run[1] == 'pending' or run[1] == 'running') and tonumber(run[6]) > now then
    look = math.min(look, tonumber(run[6]))
  end
  redis.call('ZADD', KEYS[2], look, ARGV[1])
end
return { 'ok', run[1], run[2], run[3], run[4], now, times, run[7], run[8] or '' }
