-- Notes a batch that a data job has had made; of a job that is gone, nothing comes back.
-- KEYS: job, batches
-- ARGV: id of the batch
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('SADD', KEYS[2], ARGV[1])
end
