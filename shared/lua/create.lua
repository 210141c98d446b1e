-- Creates a run, pending. Never overwrites one.
-- KEYS: run, due, events
-- ARGV: runId, ms until the sweeper may look, field, value, ...
-- Returns: {'created', now} or {'exists', now}
local time = redis.call('TIME')
local ms = time[1] * 1000 + math.floor(time[2] / 1000)
-- As strings: Redis prints each number that a script hands to it as a float, at the price of a small command.
local now, due = string.format('%d', ms), string.format('%d', ms + ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'exists', now }
end
local fields = { 'created', now, 'status', 'pending', 'epoch', '0', 'starts', '0', 'fails', '0', 'seq', '1' }
for i = 3, #ARGV do
  fields[#fields + 1] = ARGV[i]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('XADD', KEYS[3], '1-0', 's', 'pending')
redis.call('ZADD', KEYS[2], due, ARGV[1])
return { 'created', now }
