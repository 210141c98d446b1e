-- A delivery of an event to one endpoint.
-- KEYS: delivery, seen, due, flight, all
-- ARGV: id, ms ahead, most that may wait, seconds that `seen` remembers, then fields and values of the delivery
-- Returns: 'added', 'known' (there is or was one of this id) or 'full'
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[2]) == 1 then
  return 'known'
end
if redis.call('ZCARD', KEYS[3]) + redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[3]) then
  return 'full'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('HSET', KEYS[1], 'status', 'pending', 'attempts', 0, 'created', now, 'due', now, unpack(ARGV, 5))
redis.call('SET', KEYS[2], 1, 'EX', ARGV[4])
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('ZADD', KEYS[5], now, ARGV[1])
return 'added'
