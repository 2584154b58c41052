/** An alarm on a run's page names its rank where there are several. */
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import type { AlarmSpan } from '../../src/contract/index.ts';
import { Alarms, StandingAlarms } from '../../src/web/Alarms.tsx';

const alarm = {
  ...{ rule: 'pressure', rank: 37, device: 'cuda:5', level: 'critical', reason: 'pressure 0.97' },
  ...{ figure: 'pressureFraction', fromMs: 0, toMs: null, fromBatch: 4, toBatch: null },
} as unknown as AlarmSpan;

test.each([Alarms, StandingAlarms])('of several ranks the rank and its device; of one the device', list => {
  const drawn = (hasRanks: boolean) =>
    render(h(list, { alarms: [alarm], hasRanks, counted: 'batch', onRange: () => {}, onMeaning: () => {} }));
  expect(drawn(true)).toContain('rank 37 cuda:5: pressure 0.97');
  expect(drawn(false)).toContain(' cuda:5: pressure 0.97');
  expect(drawn(false)).not.toContain('rank 37');
});
