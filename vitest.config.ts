import { defineConfig } from 'vitest/config';

const common = { testTimeout: 60_000, hookTimeout: 60_000 };
const exclude = ['**/node_modules/**', '.cota/**'];

/** Files of these start whole stacks or kill processes, and mostly wait: for restarts, leases, time limits. */
const stacks = [
  'test/integration/{batches-trouble,cota*,data-jobs,departed,engine-faults,liveness,mcp*,model-data-kills,object-store*,ocr-cancel}.test.ts',
  'test/integration/{quarantine,setup,stack,step-worker,stream*,sweeper,tenant-erasure,webhooks*}.test.ts',
];
/** These watch the clock: one after another, so that a busy machine does not look like a broken promise. */
const alone = ['test/{e2e,promises}/**/*.test.ts'];

const project = (name: string, groupOrder: number, more: object) => ({
  test: { ...common, name, exclude, sequence: { groupOrder }, ...more },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    projects: [
      project('small', 0, { include: ['**/*.test.ts'], exclude: [...exclude, ...stacks, ...alone], maxWorkers: 2 }),
      project('stacks', 1, { include: stacks, maxWorkers: 2 }),
      project('alone', 2, { include: alone, fileParallelism: false }),
    ],
  },
});
