/**
 * Which drawn things the embedded detector finds: `npm run bench -- drawings [scenes]`. Each scene is drawn, worn as its
 * chains' pictures are, and looked at once for every kind that the detector has a word for. A thing counts as found by a
 * region of its label with a score of 0.5 or more that covers it; as false, a region that covers none.
 */
import type { Box } from '../../workers/data/observe/detector.ts';
import { WEARS } from '../../workers/data/program/objects/chains.ts';
import { drawPicture } from '../../workers/data/program/objects/draw/draw.ts';
import { makePicture } from '../../workers/data/program/objects/generate.ts';
import { iou, type ScenePicture } from '../../workers/data/program/objects/scene.ts';
import { KINDS } from '../../workers/data/program/objects/words/kinds.ts';
import { random } from '../../workers/data/random.ts';
import { coco80 } from '../../workers/tools/engines/coco80/engine.ts';
import { meaningOf } from '../../workers/tools/engines/coco80/kinds.ts';

const SURE = 0.5;
const COVERS = 0.5;

const scenes = Number(process.argv[3] ?? 200);
const known = [...KINDS.all, ...KINDS.train].filter((label) => meaningOf(label)?.whole);
const tallies = new Map(known.map((label) => [label, { drawn: 0, doubtful: 0, found: 0, false: 0 }]));

async function look({ objects }: ScenePicture, png: Buffer, name: string): Promise<void> {
  const found = await coco80.detect({ sha256: name, bytes: png }, known, {
    timeLimitMs: 60_000,
    signal: AbortSignal.timeout(60_000),
  });
  for (const [label, tally] of tallies) {
    const regions = found.filter((one) => one.label === label);
    const mine = objects.filter((one) => one.label === label);
    const scoreAt = (box: Box): number =>
      Math.max(0, ...regions.filter(({ bbox }) => iou(bbox, box) >= COVERS).map(({ score }) => score));
    tally.drawn += mine.length;
    tally.found += mine.filter(({ box }) => scoreAt(box) >= SURE).length;
    tally.doubtful += mine.filter(({ box }) => scoreAt(box) >= 0.3 && scoreAt(box) < SURE).length;
    tally.false += regions.filter(
      ({ bbox, score }) => score >= SURE && mine.every(({ box }) => iou(bbox, box) < COVERS),
    ).length;
  }
}

for (let i = 0; i < scenes; i++) {
  const rng = random(31, `drawing ${i}`);
  const picture = makePicture(rng, 'train').pictures[0]!;
  await look(picture, await drawPicture(rng, picture, rng.weighted(WEARS)), `drawing-${i}`);
}
console.log('kind'.padEnd(12) + ['drawn', 'found', 'doubtful', 'false'].map((word) => word.padStart(10)).join(''));
for (const [label, { drawn, found, doubtful, false: wrong }] of [...tallies].sort(
  ([, a], [, b]) => b.found / b.drawn - a.found / a.drawn,
)) {
  const share = (n: number): string => `${((100 * n) / Math.max(1, drawn)).toFixed(0)} %`.padStart(10);
  console.log(
    `${label.padEnd(12)}${String(drawn).padStart(10)}${share(found)}${share(doubtful)}${String(wrong).padStart(10)}`,
  );
}
process.exit(0);
