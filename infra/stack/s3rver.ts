/** An S3 server for trials (s3rver, a development dependency): proves the `s3` driver without an account anywhere. */
import S3rver from 's3rver';

const [directory = '', port = '0', bucket = 'cota'] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: Number(port),
  silent: true,
  directory,
  configureBuckets: [{ name: bucket }],
});
const address = await server.run();
process.stdout.write(`listening on port ${address.port}, objects in ${directory}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
