/** `npm run bench -- NAME`: each benchmark prints a table of ratios measured in one run, and is never a test. */
const names = [
  'batch',
  'fairness',
  'steps',
  'scale',
  'ocr',
  'ocr-rows',
  'questions',
  'parser-table',
  'parity',
  'tools',
  'pages',
  'model-data',
  'defects',
  'ocr-noise',
  'make',
  'truth',
  'audit',
  'drawings',
  'mixture',
  'near-duplicates',
  'data-juicer',
  'engine',
  'nano',
  'trained-models',
] as const;
const name = process.argv[2];

if (!names.some((known) => known === name)) {
  process.stdout.write(`usage: npm run bench -- ${names.join(' | ')}\n`);
  process.exit(name === undefined ? 0 : 2);
}
await import(`./${name}.ts`);
