/** Figures that no field takes cost themselves: whatever number stands in a log, each event made of it is one that readers take. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONTRACT_VERSION, checkEvent } from '../../src/contract/index.ts';
import { formats, TrainerLogParser } from '../../src/watch/index.ts';

const folder = new URL('golden/', import.meta.url);
const extremes = [
  '999999999999999',
  '9007199254740993',
  '1e300',
  '1e999',
  '9'.repeat(400),
  '-1',
  '2e11',
  '0',
];
/** One in so many of a log's numbers is replaced at a time. */
const APART = 3;
const LINES = 60;

/** Events of the lines that no reader takes: the reason of each. */
function refused(lines: readonly string[], name: string | null): string[] {
  const reasons: string[] = [];
  const parser = new TrainerLogParser({
    name: 'extreme',
    source: 'test',
    format: formats.find(format => format.name === name) ?? null,
    map: new Map(),
    onEvent({ rank, type, data }) {
      const head = { v: CONTRACT_VERSION, seq: 0, timeMs: 0, run: 'r', rank, type };
      const checked = checkEvent(JSON.parse(JSON.stringify({ ...head, data })));
      if ('malformed' in checked) reasons.push(String(checked.malformed));
    },
    onNotice() {},
  });
  for (const [i, line] of lines.entries()) parser.read(line, i + 1, 0, true);
  parser.end('ended', 0);
  return reasons;
}

test.each(readdirSync(folder).filter(name => name.endsWith('.log')))('%s', file => {
  const lines = readFileSync(new URL(file, folder), 'utf8').split('\n').slice(0, LINES);
  for (const extreme of extremes)
    for (let offset = 0; offset < APART; offset++) {
      let at = offset;
      const changed = lines.map(line =>
        line.replace(/\d+(\.\d+)?/g, text => (at++ % APART === 0 ? extreme : text)),
      );
      expect(refused(changed, file.replace(/\.log$/, '')), extreme).toEqual([]);
    }
});

test.each([
  [
    'a bar whose epochs make more batches than there are numbers',
    'Epoch 999999999: 100%|█| 999999999/999999999 [00:10<00:00, 10.0it/s, loss=1.0]',
  ],
  [
    'two times whose sum is beyond all times',
    'step:1 - actor/pg_loss:1.0 - timing_s/update_actor:2e11 - timing_s/update_critic:2e11',
  ],
])('%s', (_, line) => {
  for (const { name } of formats) expect(refused([line, line, line], name)).toEqual([]);
});
