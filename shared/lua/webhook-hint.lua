-- Which endpoints have something due: a hint, since endpoints of different tenants live on different shards.
-- KEYS: endpoints by the time of their next delivery
-- ARGV: 'add', ms ahead, member, ms from now
--       'take', ms ahead, how many, lease ms: {member, mark, member, mark, ...}; whoever took them settles them
--       'settle', member, mark, time or '' for none: only if nobody added it meanwhile
if ARGV[1] == 'settle' then
  if redis.call('ZSCORE', KEYS[1], ARGV[2]) == ARGV[3] then
    if ARGV[4] == '' then
      redis.call('ZREM', KEYS[1], ARGV[2])
    else
      redis.call('ZADD', KEYS[1], ARGV[4], ARGV[2])
    end
  end
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
if ARGV[1] == 'add' then
  return redis.call('ZADD', KEYS[1], 'LT', now + ARGV[4], ARGV[3])
end
local taken = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[3])) do
  redis.call('ZADD', KEYS[1], now + ARGV[4], member)
  taken[#taken + 1] = member
  taken[#taken + 1] = redis.call('ZSCORE', KEYS[1], member)
end
return taken
