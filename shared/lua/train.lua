-- All that happens to the live state of a fine-tuning job.
-- KEYS: job, events
-- ARGV: what happens, and its own words:
--   create: tenant, when it was made, events that the store has, events in its last file that is not full (JSON each)...
--   take: ms after which somebody looks whether the hint is still there
--   due: ms until then ('0' = the hint is lost)
--   begin: token of the worker's try, ms that it holds the job
--   beat: token, ms, then name and value of each field that has changed
--   event: token, event as JSON without its time
--   death: token, step that its trainer came to
--   settle: token, result (back, paused, wait, retry, succeeded), ms of the pause, note, event as JSON or ''
--   end: status, error as JSON or '', event as JSON, token of the worker's try where only whoever has it in hand may
--   pause, resume: event as JSON
--   tail: number of the first event or '' for the first one here, number behind the last
--   kept: events that lay in the store before, events that a new file of the store holds
-- Returns a list whose first word says what came of it
local job, events = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local what = ARGV[1]
local status = redis.call('HGET', job, 'status')

local function say(text)
  if text and text ~= '' then
    local event = cjson.decode(text)
    -- cjson writes an empty table as a list or an object at random: the text is kept, the time put in front.
    redis.call('RPUSH', events, string.format('{"at":%d,', now) .. string.sub(text, 2))
    redis.call('HINCRBY', job, 'events', 1)
    return event
  end
end
local function holder()
  local held = redis.call('HGET', job, 'held')
  if not held then
    return nil
  end
  return string.match(held, ' (.+)$'), tonumber(string.match(held, '^%d+'))
end
local function is_over()
  return status == 'succeeded' or status == 'failed' or status == 'cancelled'
end

if what == 'create' then
  if status then
    return { 'there' }
  end
  redis.call('HSET', job, 'tenant', ARGV[2], 'status', 'queued', 'created', ARGV[3], 'due', 0, 'kept', ARGV[4], 'events', ARGV[4])
  for at = 5, #ARGV do
    redis.call('RPUSH', events, ARGV[at])
    redis.call('HINCRBY', job, 'events', 1)
  end
  return { 'ok' }
end
if not status then
  return { 'gone' }
end

if what == 'take' then
  if status ~= 'queued' and status ~= 'running' or tonumber(redis.call('HGET', job, 'due')) > now then
    return { 'no' }
  end
  redis.call('HSET', job, 'due', now + ARGV[2])
  return { 'ok', tostring(redis.call('HINCRBY', job, 'serial', 1)) }
end
if what == 'due' then
  redis.call('HSET', job, 'due', ARGV[2] == '0' and 0 or now + ARGV[2])
  return { 'ok' }
end
if what == 'tail' then
  local kept = tonumber(redis.call('HGET', job, 'kept') or '0')
  local from = math.max(0, (tonumber(ARGV[2]) or kept) - kept)
  local found = { tostring(kept) }
  -- To -1 would be the last one.
  if tonumber(ARGV[3]) > kept then
    for _, event in ipairs(redis.call('LRANGE', events, from, ARGV[3] - kept - 1)) do
      found[#found + 1] = event
    end
  end
  return found
end
if what == 'kept' then
  if redis.call('HGET', job, 'kept') ~= ARGV[2] then
    return { 'stale' }
  end
  redis.call('LTRIM', events, ARGV[3], -1)
  redis.call('HSET', job, 'kept', ARGV[2] + ARGV[3])
  return { 'ok' }
end
if what == 'end' then
  if is_over() then
    return { 'over' }
  end
  if ARGV[5] ~= '' and holder() ~= ARGV[5] then
    return { 'stale' }
  end
  redis.call('HSET', job, 'status', ARGV[2], 'ended', now)
  if ARGV[3] ~= '' then
    redis.call('HSET', job, 'error', ARGV[3])
  end
  redis.call('HDEL', job, 'note')
  say(ARGV[4])
  return { 'ok' }
end
if what == 'pause' then
  if is_over() or status == 'paused' then
    return { status }
  end
  redis.call('HSET', job, 'status', 'paused')
  redis.call('HDEL', job, 'note')
  say(ARGV[2])
  return { 'ok' }
end
if what == 'resume' then
  if status ~= 'paused' then
    return { status }
  end
  redis.call('HSET', job, 'status', 'queued', 'due', 0)
  say(ARGV[2])
  return { 'ok' }
end
if what == 'begin' then
  local who, till = holder()
  if status ~= 'queued' and status ~= 'running' then
    return { 'gone' }
  end
  if who and till > now then
    return { 'busy', tostring(till - now) }
  end
  local wait = tonumber(redis.call('HGET', job, 'wait') or '0')
  if wait > now then
    return { 'busy', tostring(wait - now) }
  end
  if who then
    redis.call('HINCRBY', job, 'lost', 1)
  end
  redis.call('HSET', job, 'held', string.format('%d %s', now + ARGV[3], ARGV[2]), 'status', 'running', 'due', now + ARGV[3])
  redis.call('HSETNX', job, 'started', now)
  redis.call('HDEL', job, 'note', 'wait')
  return { 'ok', redis.call('HGET', job, 'tenant'), redis.call('HGET', job, 'lost') or '0' }
end

-- The rest is said by whoever has it in hand.
local who = holder()
if who ~= ARGV[2] then
  return { 'stale' }
end
if what == 'beat' then
  local till = now + ARGV[3]
  redis.call('HSET', job, 'held', string.format('%d %s', till, ARGV[2]))
  if status ~= 'running' then
    return { status }
  end
  local before = tonumber(redis.call('HGET', job, 'step') or '0')
  redis.call('HSET', job, 'due', till)
  if #ARGV > 3 then
    redis.call('HSET', job, unpack(ARGV, 4))
  end
  if tonumber(redis.call('HGET', job, 'step') or '0') > before then
    redis.call('HDEL', job, 'lost', 'tries')
  end
  return { 'ok' }
end
if what == 'event' then
  if status ~= 'running' and status ~= 'paused' then
    return { status }
  end
  say(ARGV[3])
  return { 'ok', redis.call('HGET', job, 'kept'), redis.call('HGET', job, 'events') }
end
if what == 'death' then
  if tonumber(redis.call('HGET', job, 'death step') or '-1') < tonumber(ARGV[3]) then
    redis.call('HSET', job, 'death step', ARGV[3], 'deaths', 0)
  end
  return { 'ok', tostring(redis.call('HINCRBY', job, 'deaths', 1)) }
end
-- settle
redis.call('HDEL', job, 'held')
if status ~= 'running' and not (status == 'paused' and ARGV[3] == 'succeeded') then
  return { status }
end
local result = ARGV[3]
if result == 'succeeded' then
  redis.call('HSET', job, 'status', 'succeeded', 'ended', now)
  redis.call('HDEL', job, 'note')
  say(ARGV[6])
  return { 'ok', '0' }
end
local tries = 0
local pause = tonumber(ARGV[4])
if result == 'retry' then
  tries = redis.call('HINCRBY', job, 'tries', 1)
  pause = pause * 2 ^ (tries - 1)
end
redis.call('HSET', job, 'status', 'queued', 'due', 0)
if pause > 0 then
  redis.call('HSET', job, 'due', now + pause, 'wait', now + pause, 'note', ARGV[5])
end
say(ARGV[6])
return { 'ok', tostring(tries) }
