-- A worker took a job: is the run at this step, in this epoch? Counts the start, so that a start which never
-- reports back (a dead process) is known at the next one.
-- The due index is left alone: a step that outlasts it is found still in its queue, and left in peace.
-- What a run is pinned to is long and never changes: it is read only for a worker that does not know it yet. Naming the
-- fields rather than taking all halves what Redis spends on this script.
-- KEYS: run
-- ARGV: step, epoch, starts at which a step is quarantined (0 = never), 1 = with config
-- Returns: {'ok', now, {values as in RECORD_FIELDS of run-record.ts}, {s:0, t:0, s:1, ...}, more of the same, ...},
--          {'stale', status, kind, step, epoch}, {'quarantine'}, {'gone'}
local run = redis.call('HMGET', KEYS[1], 'status', 'kind', 'step', 'epoch', 'starts', 'fails', 'version', 'tenant',
  'created', 'started', 'ended', 'images', 'usage', 'turn', 'answerNow', 'holder', 'outcome',
  ARGV[4] == '1' and 'config' or 'none')
if not run[1] then
  return { 'gone' }
end
local at = (run[1] == 'running' or run[1] == 'finalizing') and run[3] == ARGV[1] and run[4] == ARGV[2]
if not at then
  return { 'stale', run[1], run[2], run[3], run[4] }
end
local limit = tonumber(ARGV[3])
if limit > 0 and tonumber(run[5]) >= limit then
  return { 'quarantine' }
end
local time = redis.call('TIME')
-- As strings: Redis prints each number that a script hands to it as a float, at the price of a small command.
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
run[5] = string.format('%d', run[5] + 1)
redis.call('HSET', KEYS[1], 'starts', run[5], 'begun', now)
local reply = { 'ok', now, run }
-- All steps before this one are finished. In parts: Lua unpacks no more than some 8,000 values at a time.
local finished = tonumber(ARGV[1])
for first = 0, finished - 1, 1000 do
  local names = {}
  for number = first, math.min(first + 999, finished - 1) do
    names[#names + 1] = string.format('s:%d', number)
    names[#names + 1] = string.format('t:%d', number)
  end
  reply[#reply + 1] = redis.call('HMGET', KEYS[1], unpack(names))
end
return reply
