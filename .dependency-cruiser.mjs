/** The folder tree is the architecture: imports point one way, and lint says so when they do not. */
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-imports-npm-only',
      comment: 'shared/ knows contracts and the run machine; it must not know who uses them.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(services|workers|infra|test)/' },
    },
    {
      name: 'workers-never-import-services',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(services|infra|test)/' },
    },
    {
      name: 'services-never-import-workers',
      comment: 'A service talks to workers through the record and the queues.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(workers|infra|test)/' },
    },
    { name: 'product-never-imports-tests', severity: 'error', from: { pathNot: '^test/|\\.test\\.ts$' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.json$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
  },
};
