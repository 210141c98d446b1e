-- Removes all keys of a queue that nobody serves any more, unless a job is in it that the caller has not judged.
-- One script, so that a hint which arrives meanwhile is either seen here or comes after.
-- KEYS: wait, active, delayed, prioritized, then the queue's other keys
-- ARGV: prefix of job keys, then ids of jobs that may go with it
-- Returns: ids of the jobs that may not; none = the queue is gone
local expendable = {}
for i = 2, #ARGV do
  expendable[ARGV[i]] = true
end
local ids, kept = {}, {}
for i = 1, 4 do
  local list = i < 3 and redis.call('LRANGE', KEYS[i], 0, -1) or redis.call('ZRANGE', KEYS[i], 0, -1)
  for _, id in ipairs(list) do
    -- A job with a lock has a worker, whatever the fleet says.
    if not expendable[id] or redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 1 then
      kept[#kept + 1] = id
    end
    ids[#ids + 1] = id
  end
end
if #kept > 0 then
  return kept
end
for _, id in ipairs(ids) do
  redis.call('DEL', ARGV[1] .. id, ARGV[1] .. id .. ':logs')
end
redis.call('DEL', unpack(KEYS))
return {}
