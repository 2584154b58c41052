/** One training seen through two of its sources gives the same updates, environment steps and returns: `compare` pairs by number. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { EventFileReader, StepLines } from '../../src/watch/event-file.ts';
import { documentText, sourceOf } from '../../src/watch/source.ts';
import { material } from '../material.ts';
import { scratch } from '../scratch.ts';
import { type ReadLog, readLog } from './read-log.ts';

const read = (path: string): ReadLog => {
  const file = material(`frameworks/${path}`)!;
  if (path.endsWith('trainer_state.json')) return readLog(documentText(file));
  if (!path.includes('tfevents')) return readLog(readFileSync(file));
  const lines: string[] = [];
  const steps = new StepLines(line => lines.push(line));
  const reader = new EventFileReader(event => steps.add(event));
  const bytes = readFileSync(file);
  // In chunks of any size.
  for (let at = 0; at < bytes.length; at += 61) reader.push(bytes.subarray(at, at + 61));
  steps.flush();
  expect(reader).toMatchObject({ problem: null, torn: false });
  return readLog(lines.join('\n'));
};

interface Row {
  number: number;
  totalSteps: number | null;
  episodicReturn: number | null;
  loss: number | null;
}
const rowsOf = ({ events }: ReadLog): Row[] =>
  events.flatMap(({ type, data }) => {
    if (!/UPDATE|STEP_C/.test(type)) return [];
    const { batch, step, rollout, loss } = data as {
      batch?: number;
      step?: number;
      rollout?: { totalSteps?: number; episodicReturn?: number };
      loss?: number | { policy?: number };
    };
    return [
      {
        number: (batch ?? step)!,
        totalSteps: rollout?.totalSteps ?? null,
        episodicReturn: rollout?.episodicReturn ?? null,
        loss: (typeof loss === 'object' ? loss.policy : loss) ?? null,
      },
    ];
  });
/** Rounded by one of the sources. */
const near = (a: number | null, b: number | null) =>
  a === null || b === null || Math.abs(a - b) <= 5e-3 * Math.max(1, Math.abs(a));

describe.skipIf(!material('frameworks'))('sources of one training', () => {
  test.each([
    ['sb3-ppo.log', 'files/sb3-progress.csv'],
    ['sb3-ppo.log', 'files/sb3-progress.json'],
    ['sb3-ppo.log', 'files/sb3-ppo-1.events.out.tfevents'],
    ['rsl_rl.log', 'files/rsl_rl-events.out.tfevents'],
    ['keras.log', 'files/keras-csvlogger.csv'],
    ['hf-trainer.log', 'files/hf-trainer_state.json'],
    ['rllib.log', 'files/rllib-progress.csv'],
    ['rllib.log', 'files/rllib-result.json'],
  ])('%s and %s', (console, file) => {
    const [a, b] = [rowsOf(read(console)), rowsOf(read(file))];
    expect(b.map(({ number }) => number)).toEqual(a.map(({ number }) => number));
    a.forEach((row, i) => {
      for (const figure of ['totalSteps', 'episodicReturn', 'loss'] as const)
        expect(
          near(row[figure], b[i]![figure]),
          `${figure} of ${row.number}: ${row[figure]}, ${b[i]![figure]}`,
        ).toBe(true);
    });
    expect(a.length).toBeGreaterThan(1);
  });

  test('Lightning: every row of metrics.csv is a step that the bar has, with its loss', () => {
    const bar = new Map(rowsOf(read('lightning-tqdm.log')).map(row => [row.number, row]));
    const rows = rowsOf(read('files/lightning-metrics.csv'));
    expect(rows.map(({ number }) => number)).toEqual([5, 10, 15, 20, 25, 30]);
    for (const { number, loss } of rows) expect(near(loss, bar.get(number)!.loss), `${number}`).toBe(true);
  });

  test('skrl has nothing but TensorBoard', () => {
    const rows = rowsOf(read('files/skrl-events.out.tfevents'));
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.every(({ loss }) => loss !== null)).toBe(true);
  });
});

describe('event files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'esper-sources-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.skipIf(!material('frameworks'))('a damaged one is read as far as its checksums hold', () => {
    const bytes = readFileSync(material('frameworks/files/skrl-events.out.tfevents')!);
    for (const at of [4, 9, 60, 1000]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 1;
      let events = 0;
      const reader = new EventFileReader(() => events++);
      reader.push(damaged);
      expect(reader.problem).toMatch(/^record \d+ /);
    }
  });

  test('what is no event file is reported as such', () => {
    const reader = new EventFileReader(() => {});
    reader.push(Buffer.from('step:1 - loss:2.0 and so on'));
    expect(reader.problem).toContain('no event file');
  });

  test('a folder: the newest training’s own files', () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(join(folder, 'a', 'events.out.tfevents.1.x'), '');
    writeFileSync(join(folder, 'a', 'events.out.tfevents.2.x'), '');
    expect(sourceOf(folder, () => {})).toEqual({
      kind: 'events',
      paths: [join(folder, 'a', 'events.out.tfevents.1.x'), join(folder, 'a', 'events.out.tfevents.2.x')],
    });
    writeFileSync(join(folder, 'a', 'b', 'progress.csv'), '');
    expect(sourceOf(folder, () => {})).toEqual({
      kind: 'lines',
      path: join(folder, 'a', 'b', 'progress.csv'),
    });
    mkdirSync(join(folder, 'empty'));
    expect(() => sourceOf(join(folder, 'empty'), () => {})).toThrow('no file of a trainer');
  });
});

test('a folder that may not be listed hides no other, and is named', () => {
  const folder = scratch('closed');
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'closed'), { mode: 0 });
  mkdirSync(join(folder, 'open'));
  writeFileSync(join(folder, 'open', 'progress.csv'), 'a,b\n');
  const isRoot = process.getuid!() === 0;
  const notices: string[] = [];
  if (isRoot) process.seteuid!(65534);
  try {
    const source = sourceOf(folder, notice => notices.push(notice));
    expect(source).toEqual({ kind: 'lines', path: join(folder, 'open', 'progress.csv') });
    expect(notices).toEqual([`${join(folder, 'closed')} cannot be read: what lies there is not watched.`]);
    expect(() => sourceOf(join(folder, 'closed'), () => {})).toThrow('EACCES');
  } finally {
    if (isRoot) process.seteuid!(0);
  }
});

test('a notebook: what its cells printed, its tables and its errors', () => {
  const folder = scratch('notebook');
  const path = join(folder, 'train.ipynb');
  const row = (...cells: (string | number)[]) => `<tr>\n<td>${cells.join('</td>\n<td>')}</td>\n</tr>`;
  const cells = [
    { cell_type: 'markdown', source: ['# Training'] },
    { outputs: [{ output_type: 'stream', text: ['Loading\n', 'loaded\n'] }] },
    {
      outputs: [
        {
          output_type: 'display_data',
          data: {
            'text/html': [
              '<div><progress value="20" max="20"></progress> [20/20 00:10, Epoch 2/2]</div>\n',
              `<table border="1"><thead>\n<tr style="text-align: left;">\n<th>Step</th>\n<th>Training Loss</th>\n</tr></thead>${row(10, 1.5)}${row(20, 1.25)}</table>`,
            ],
            'text/plain': ['<IPython.core.display.HTML object>'],
          },
        },
        { output_type: 'error', traceback: ['Traceback (most recent call last)', 'ValueError: no more'] },
      ],
    },
  ];
  writeFileSync(path, JSON.stringify({ cells, nbformat: 4 }));
  expect(sourceOf(path, () => {})).toEqual({ kind: 'document', path });
  const { events } = readLog(documentText(path));
  expect(events.map(({ type, data }) => [type, 'loss' in data ? data.loss : null])).toEqual([
    ['TRAINING_STARTED', null],
    ['STEP_COMPLETED', 1.5],
    ['STEP_COMPLETED', 1.25],
    ['TRAINING_FAILED', null],
  ]);
});
