-- Creates a run, pending. Never overwrites one, nor brings one back that was deleted.
-- KEYS: run, due, events, deleted
-- ARGV: runId, ms until the sweeper may look, deadline ('' = none), field, value, ...
-- Returns: {'created', now}, {'exists', now} or {'deleted', now}
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
-- As strings: Redis prints each number that a script hands to it as a float, at the price of a small command.
local look = ms + ARGV[2]
-- A run with a deadline is looked at when that has come, however long it was to be left in peace.
if ARGV[3] ~= '' then
  look = math.max(ms, math.min(look, tonumber(ARGV[3])))
end
local now, due = string.format('%d', ms), string.format('%d', look)
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'exists', now }
end
if redis.call('EXISTS', KEYS[4]) == 1 then
  return { 'deleted', now }
end
local fields = { 'created', now, 'status', 'pending', 'epoch', '0', 'starts', '0', 'fails', '0', 'seq', '1' }
if ARGV[3] ~= '' then
  fields[#fields + 1] = 'deadline'
  fields[#fields + 1] = ARGV[3]
end
for i = 4, #ARGV do
  fields[#fields + 1] = ARGV[i]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('XADD', KEYS[3], '1-0', 's', 'pending')
redis.call('ZADD', KEYS[2], due, ARGV[1])
return { 'created', now }
