-- Commits a transition, if the record is still where the worker found it: the fence of the whole system.
-- KEYS: run, due, events
-- ARGV: runId, step, epoch, ms until the sweeper may look, next status, next kind, next step,
--       number of finished steps, their JSON documents, then field, value, ...
-- Returns: {'ok', when the step was last begun, now}, {'cancelled'}, {'stale'}, {'gone'}
--          (the worker that was the last to begin it knows the rest: nothing else in a record changes meanwhile)
local run = redis.call('HMGET', KEYS[1], 'status', 'step', 'epoch', 'begun', 'outcome', 'seq', 'deadline')
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
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
-- As strings: Redis prints each number that a script hands to it as a float, at the price of a small command.
local look = ms + ARGV[4]
if run[7] and ARGV[5] == 'running' and tonumber(run[7]) > ms then
  look = math.min(look, tonumber(run[7]))
end
local now, due = string.format('%d', ms), string.format('%d', look)
local seq = string.format('%d', run[6] + 1)
local begun = run[4] or now
local fields = { 'status', ARGV[5], 'kind', ARGV[6], 'step', ARGV[7], 'starts', '0', 'fails', '0', 'seq', seq }
local finished = tonumber(ARGV[8])
for i = 1, finished do
  local number = ARGV[2] + i - 1
  fields[#fields + 1] = string.format('s:%d', number)
  fields[#fields + 1] = ARGV[8 + i]
  fields[#fields + 1] = string.format('t:%d', number)
  fields[#fields + 1] = begun .. ',' .. now
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
redis.call('XADD', KEYS[3], seq .. '-0', 's', ARGV[5], 'n', ARGV[7])
redis.call('ZADD', KEYS[2], due, ARGV[1])
return { 'ok', begun, now }
