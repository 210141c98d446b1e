-- Changes an entry of a registry's copy if it is still the one that was read.
-- KEYS: copy
-- ARGV: name, text that was read ('' = there was none), text ('' = take it away)
-- Returns: 1; 0 where somebody else was faster; -1 where the copy is not complete: nobody knows what it lacks
if redis.call('HEXISTS', KEYS[1], '') == 0 then
  return -1
end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
