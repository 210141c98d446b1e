-- Commits a transition, if the record is still where the worker found it: the fence of the whole system.
-- KEYS: run, due, events
-- ARGV: runId, step, epoch, ms until the sweeper may look, next status, next kind, next step,
--       number of finished steps, their JSON documents, then field, value, ...
-- Returns: {'ok', now, record or false}, {'cancelled'}, {'stale'}, {'gone'}
--          (the record, as field, value, ..., only when the run is finalizing)
local run = redis.call('HMGET', KEYS[1], 'status', 'step', 'epoch', 'begun', 'outcome', 'seq')
if not run[1] then
  return { 'gone' }
end
if run[1] ~= 'running' or run[2] ~= ARGV[2] or run[3] ~= ARGV[3] then
  if run[1] ~= 'running' and run[5] and string.find(run[5], '"status":"cancelled"', 1, true) then
    return { 'cancelled' }
  end
  return { 'stale' }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = { 'status', ARGV[5], 'kind', ARGV[6], 'step', ARGV[7], 'starts', 0, 'fails', 0, 'seq', run[6] + 1 }
local finished = tonumber(ARGV[8])
for i = 1, finished do
  local number = tonumber(ARGV[2]) + i - 1
  fields[#fields + 1] = 's:' .. number
  fields[#fields + 1] = ARGV[8 + i]
  fields[#fields + 1] = 't:' .. number
  fields[#fields + 1] = (run[4] or now) .. ',' .. now
end
for i = 9 + finished, #ARGV do
  fields[#fields + 1] = ARGV[i]
end
if ARGV[5] == 'finalizing' then
  fields[#fields + 1] = 'ended'
  fields[#fields + 1] = now
end
-- In parts: a turn may hold thousands of refused actions, and Lua unpacks no more than some 8,000 values at a time.
for first = 1, #fields, 1000 do
  redis.call('HSET', KEYS[1], unpack(fields, first, math.min(first + 999, #fields)))
end
redis.call('XADD', KEYS[3], (run[6] + 1) .. '-0', 's', ARGV[5], 'n', ARGV[7])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
return { 'ok', now, ARGV[5] == 'finalizing' and redis.call('HGETALL', KEYS[1]) }
