import { expect, test } from 'vitest';
import { paint } from '../base/index.ts';
import { allRecords } from '../figures/index.ts';
import { HelpOverlay, helpEnd, helpRows } from './HelpOverlay.ts';
import { initialView, type View } from './view.ts';

const view = (width: number, height: number, from = 0): View => ({
  ...initialView({ width, height, nowMs: 0 }),
  overlay: { what: 'help', from },
});
const words = (rows: ReturnType<typeof helpRows>) =>
  rows
    .map(row => paint(row, false))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();

test('the help explains every record’s figure in the record’s words', () => {
  for (const width of [30, 80]) {
    const text = words(helpRows(view(width, 24), width));
    for (const { label, summary } of allRecords()) {
      expect(text).toContain(label);
      expect(text).toContain(summary.replace(/\s+/g, ' '));
    }
  }
});

test('two columns hold the same as one', () => {
  const rows = (width: number) =>
    words(helpRows(view(width, 24), width))
      .split(' ')
      .sort();
  expect(rows(120)).toEqual(rows(100));
});

test('its last page ends with its last row', () => {
  const all = helpRows(view(80, 24), 76);
  const end = helpEnd(view(80, 24));
  const last = HelpOverlay(view(80, 24, end));
  expect(last).toHaveLength(24);
  expect(paint(last[22]!, false)).toContain(paint(all.at(-1)!, false));
  expect(HelpOverlay(view(80, 24, 9999))).toEqual(last);
});
