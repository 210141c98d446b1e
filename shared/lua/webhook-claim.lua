-- Takes deliveries that are due. Each is leased: if it is not settled by then, whoever took it has died, and it is due.
-- KEYS: due, flight, state, version of the tenant's endpoints
-- ARGV: ms ahead, most in flight, lease ms, how many are wanted, prefix of the delivery hashes,
--       the version that the caller knows or '*': where it is another one, nothing is taken
-- Returns: {now, time of the next one or '', how many wait, 1 where events lie in the store, 1 where the version is
--           another one, {id, token, due since, event, type, body, attempts, tries}, ...}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[1], now, id)
end
local room = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[2])
local want = math.max(0, math.min(room, tonumber(ARGV[4])))
local changed = 0
if ARGV[6] ~= '*' and (redis.call('GET', KEYS[4]) or '') ~= ARGV[6] then
  want, changed = 0, 1
end
local taken = {}
if want > 0 then
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, want)
  for at = 1, #due, 2 do
    local id, key = due[at], ARGV[5] .. due[at]
    redis.call('ZREM', KEYS[1], id)
    local fields = redis.call('HMGET', key, 'event', 'type', 'body', 'attempts', 'tries')
    if fields[1] then
      local token = redis.call('HINCRBY', key, 'claims', 1)
      redis.call('ZADD', KEYS[2], now + ARGV[3], id)
      taken[#taken + 1] = { id, token, due[at + 1], fields[1], fields[2], fields[3], fields[4], fields[5] or '' }
    end
  end
end
local next = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or ''
if redis.call('ZCARD', KEYS[2]) < tonumber(ARGV[2]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
  if first and (next == '' or tonumber(first) < tonumber(next)) then
    next = first
  end
end
local waiting = redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])
return { now, next, waiting, redis.call('HEXISTS', KEYS[3], 'spilled'), changed, taken }
