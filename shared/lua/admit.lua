-- Admission to one model: a run that waits enters its tenant's list; runs leave the lists while the model's limit
-- allows, tenants in turn. Interactive runs go first, but a tenth of the slots stays for batch runs that wait.
-- One function for API, workers and scheduler. All steps may be repeated: lists and flights are sets of run ids.
-- KEYS: turn of interactive, turn of batch (lists of tenants), flight of interactive, flight of batch (sorted sets)
-- ARGV: prefix of the pending keys, runs in flight at most, slots kept for batch, runs to admit at most,
--       run that has ended ('' = none), its tenant, its class ('interactive' or 'batch'),
--       then for each new run: runId, tenant, class
-- Returns: {runId, class, ...} admitted now
local limit, kept, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local classes = {
  interactive = { turn = KEYS[1], flight = KEYS[3], prefix = ARGV[1] .. 'interactive:' },
  batch = { turn = KEYS[2], flight = KEYS[4], prefix = ARGV[1] .. 'batch:' },
}

if ARGV[5] ~= '' then
  redis.call('ZREM', KEYS[3], ARGV[5])
  redis.call('ZREM', KEYS[4], ARGV[5])
  -- It may have been cancelled while it waited: a model that nobody serves never gets to it.
  local class, tenant = classes[ARGV[7]], ARGV[6]
  local pending = class.prefix .. tenant
  if redis.call('ZREM', pending, ARGV[5]) == 1 and redis.call('EXISTS', pending) == 0 then
    redis.call('LREM', class.turn, 0, tenant)
  end
end
for at = 8, #ARGV, 3 do
  local tenant, class = ARGV[at + 1], classes[ARGV[at + 2]]
  local pending = class.prefix .. tenant
  if redis.call('EXISTS', pending) == 0 then
    redis.call('LREM', class.turn, 0, tenant)
    redis.call('RPUSH', class.turn, tenant)
  end
  -- Microseconds: runs of one millisecond keep their order too. Those of one call come one after the other.
  redis.call('ZADD', pending, 'NX', time[1] * 1000000 + time[2] + (at - 8) / 3, ARGV[at])
end

-- The tenant whose turn it is gives its oldest run; a tenant with none left leaves the round.
local function take(class)
  while true do
    local tenant = redis.call('LPOP', class.turn)
    if not tenant then
      return nil
    end
    local first = redis.call('ZPOPMIN', class.prefix .. tenant)
    if first[1] then
      if redis.call('EXISTS', class.prefix .. tenant) == 1 then
        redis.call('RPUSH', class.turn, tenant)
      end
      return first[1]
    end
  end
end

local flying = { interactive = redis.call('ZCARD', KEYS[3]), batch = redis.call('ZCARD', KEYS[4]) }
local admitted = {}
while #admitted < 2 * most and flying.interactive + flying.batch < limit do
  local batchWaits = redis.call('LLEN', KEYS[2]) > 0
  local leaveRoom = batchWaits and flying.batch < kept and flying.interactive >= limit - kept
  local name = (redis.call('LLEN', KEYS[1]) > 0 and not leaveRoom) and 'interactive' or 'batch'
  local runId = take(classes[name])
  if runId then
    redis.call('ZADD', classes[name].flight, now, runId)
    flying[name] = flying[name] + 1
    admitted[#admitted + 1] = runId
    admitted[#admitted + 1] = name
  elseif redis.call('LLEN', KEYS[1]) == 0 and redis.call('LLEN', KEYS[2]) == 0 then
    break
  end
end
return admitted
