-- The engine was found away. Steps that find it away together are one trip; only a try after the pause is the next one,
-- and doubles the pause.
-- KEYS: breaker, trips, probe, half-open, trial
-- ARGV: ms that the engine asked for ('' = it did not say), first pause, longest pause, most that an engine may ask for,
--       ms that a trip is remembered after its pause
local open = redis.call('PTTL', KEYS[1])
local trips = tonumber(redis.call('GET', KEYS[2]) or 0)
if open <= 0 or trips == 0 then
  trips = trips + 1
end
local pause = tonumber(ARGV[1]) or math.min(tonumber(ARGV[3]), tonumber(ARGV[2]) * 2 ^ math.min(trips - 1, 20))
pause = math.floor(math.max(1, open, math.min(pause, tonumber(ARGV[4]))))
redis.call('SET', KEYS[1], 'open', 'PX', pause)
redis.call('SET', KEYS[2], trips, 'PX', pause + tonumber(ARGV[5]))
redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
return trips
