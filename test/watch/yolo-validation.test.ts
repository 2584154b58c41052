/** Validations behind the epochs of Ultralytics, as its versions print them, values invented → figures of their own at the epoch. */
import { expect, test } from 'vitest';
import { watchedTruly as watched } from './pasted.ts';
import type { WatchedLog } from './report-of-log.ts';

const validationsOf = ({ events }: WatchedLog) =>
  events.flatMap(({ type, data }) =>
    type === 'FIGURES_LOGGED' ? [data as { batch: number | null; figures: object }] : [],
  );
const head = '      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size';
const epoch = (at: number, percent = 100) =>
  `        ${at}/3      2.25G      1.25      1.5      1.75        64        640: ${percent}% ━━━━━━━━━━━━ 3/3 2.4it/s 1.2s`;
const columns = (names: string) =>
  `                 Class     Images  Instances      ${names}: 100% ━━━━━━━━━━━━ 1/1 9.7it/s 0.1s`;
const all = (...cells: number[]) =>
  `                   all        128        929      ${cells.join('      ')}`;

test('a row of all classes, by the columns that its head names', () => {
  const read = watched(
    head,
    epoch(1),
    columns('Box(P          R      mAP50  mAP50-95)'),
    all(0.625, 0.5, 0.75, 0.375),
    '                person         61         150      0.125      0.25      0.5      0.25',
    head,
    epoch(2),
    columns('Box(P          R      mAP50  mAP50-95)     Mask(P          R      mAP50  mAP50-95)'),
    all(0.625, 0.5, 0.75, 0.375, 0.5, 0.25, 0.375, 0.125),
  );
  const boxes = { P: 0.625, R: 0.5, mAP50: 0.75, 'mAP50-95': 0.375 };
  expect(validationsOf(read)).toEqual([
    { batch: 1, figures: boxes },
    {
      batch: 2,
      figures: { ...boxes, 'Mask P': 0.5, 'Mask R': 0.25, 'Mask mAP50': 0.375, 'Mask mAP50-95': 0.125 },
    },
  ]);
  const [, step, validated] = read.events.map(({ type }) => type);
  expect([step, validated]).toEqual(['STEP_COMPLETED', 'FIGURES_LOGGED']);
});

test('old names of the columns; the best epoch is validated once more when all are over', () => {
  const old =
    '               Class     Images     Labels          P          R     mAP@.5 mAP@.5:.95: 100%|██████████| 1/1 [00:00<00:00,  9.7it/s]';
  const read = watched(
    head,
    epoch(3),
    old,
    all(0.625, 0.5, 0.75, 0.375),
    '3 epochs completed in 0.001 hours.',
    old,
    all(0.5, 0.5, 0.5, 0.5),
  );
  expect(validationsOf(read)).toEqual([
    { batch: 3, figures: { P: 0.625, R: 0.5, 'mAP@.5': 0.75, 'mAP@.5:.95': 0.375 } },
  ]);
});

test('nothing of another number of cells, of no head, or of an epoch that is under way', () => {
  const names = columns('Box(P          R      mAP50  mAP50-95)');
  expect(validationsOf(watched(head, epoch(1), names, all(0.5, 0.25, 0.75)))).toEqual([]);
  expect(validationsOf(watched(head, epoch(1), all(0.5, 0.25, 0.75, 0.5)))).toEqual([]);
  expect(validationsOf(watched(head, epoch(1, 33), names, all(0.5, 0.25, 0.75, 0.5)))).toEqual([]);
  expect(validationsOf(watched(head, epoch(1, 33), epoch(2, 50), names, all(0.5, 0.25, 0.75, 0.5)))).toEqual(
    [],
  );
  expect(watched(names, all(0.5, 0.25, 0.75, 0.5)).events).toEqual([]);
});

test('a device whose name has brackets', () => {
  const read = watched(
    'YOLOv5 v7.0 Python-3.11.7 torch-2.15.0 CUDA:0 (Card Ti (16 lanes), 8192MiB)',
    head,
    epoch(1),
  );
  expect(read.events[1]!.data).toMatchObject({
    memory: [{ name: 'Card Ti (16 lanes)', deviceTotalBytes: 8 * 2 ** 30 }],
  });
});
