-- Writes the state of a batch if it is still the one that was read.
-- KEYS: state
-- ARGV: version that was read ('0' = there must be none), state as JSON
-- Returns: 1, or 0 where somebody else was faster
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'version', string.format('%d', version + 1), 'state', ARGV[2])
return 1
