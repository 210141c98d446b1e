-- Takes the mark away that says that events lie in the store, unless a later one has taken its place.
-- KEYS: state
-- ARGV: the mark that was seen before looking
if redis.call('HGET', KEYS[1], 'spilled') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'spilled')
end
