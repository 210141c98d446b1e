import { defineConfig } from 'vitest/config';

const common = { testTimeout: 60_000, hookTimeout: 60_000 };
const exclude = ['**/node_modules/**', '.cota/**'];

/**
 * Files of these start whole stacks, kill processes or watch the clock: one after another, so that a busy machine does
 * not look like a broken promise.
 */
const alone = [
  'test/{e2e,promises}/**/*.test.ts',
  'test/integration/{batches-trouble,cota*,departed,engine-faults,liveness,object-store*,ocr-cancel}.test.ts',
  'test/integration/{quarantine,setup,stack,step-worker,stream*,sweeper,tenant-erasure,webhooks*}.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'two at a time',
          include: ['**/*.test.ts'],
          exclude: [...exclude, ...alone],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'alone',
          include: alone,
          exclude,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
