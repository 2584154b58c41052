/** All screens of a watched log say the same: what its numbers count, and what a figure was that is none. */
import { describe, expect, test } from 'vitest';
import { screensOf } from './screens-of-log.ts';

const lines = (count: number, line: (i: number) => string): string =>
  `${Array.from({ length: count }, (_, i) => line(i + 1)).join('\n')}\n`;

describe('what the numbers of a log count stands on every screen', () => {
  const unnumbered = lines(40, i => `loss: ${(3 / i).toFixed(4)}, grad_norm: 0.5, lr: 0.001`);
  const numbered = lines(40, i => `step ${i} loss: ${(3 / i).toFixed(4)}, grad_norm: 0.5, lr: 0.001`);
  const sampled = lines(9, i => `Train Epoch: 1 [${i * 640}/60000 (${i}%)]\tLoss: ${(3 / i).toFixed(6)}`);
  test.each([
    ['reports that Esper counted', unnumbered, 'Report:40', 'report 40', '40 reports'],
    ['steps that the log numbers', numbered, 'Step:40', 'step 40', 'at step 40'],
    ['samples that the log numbers', sampled, 'Sample:5760', 'sample 5760', 'at sample 5,760'],
  ])('%s', (_, log, counter, line, facts) => {
    const screens = screensOf(log);
    expect(screens.report).toContain(facts);
    expect(screens.small).toContain(counter);
    expect(screens.large).toContain(counter);
    expect(screens.page).toContain(counter);
    expect(screens.line).toContain(line);
    const others = ['Report:', 'Step:', 'Sample:', 'Batch:'].filter(word => !counter.startsWith(word));
    for (const other of others)
      for (const screen of Object.values(screens)) expect(screen).not.toContain(other);
  });
});

describe('a figure that is not finite is shown as what the log printed', () => {
  test.each([
    ['inf', 'inf'],
    ['-inf', '-inf'],
    ['nan', 'NaN'],
  ])('%s', (printed, shown) => {
    const log = `${lines(9, i => `step ${i} loss: ${(3 / i).toFixed(4)} grad_norm: 0.5`)}step 10 loss: ${printed} grad_norm: 0.5\n`;
    const { small, large, page, line } = screensOf(log);
    const value = new RegExp(`loss +${shown.replace('-', '[-]')}\\b`, 'i');
    for (const screen of [small, large, page, line]) expect(screen).toMatch(value);
    if (shown !== 'NaN') for (const screen of [small, large, page, line]) expect(screen).not.toContain('NaN');
  });
});
