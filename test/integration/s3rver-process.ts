/** Body of the child process that s3-server.ts forks: s3rver on a port of the system's choosing. */
import S3rver from 's3rver';

const [directory = '', port = '0', ...buckets] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: Number(port),
  silent: true,
  directory,
  configureBuckets: buckets.map((name) => ({ name })),
});
const address = await server.run();
process.send?.(address.port);
// A test that is killed must leave no server behind.
process.on('disconnect', () => process.exit(0));
