/** What a run's events come to: verdict, forecast, comparison, alarms. */
import type { Mutation } from './mutation.ts';

const estimates = 'src/analysis/estimates.test.ts';

export const analysis: readonly Mutation[] = [
  {
    rule: 'a forecast is an interval of 90%',
    file: 'src/analysis/forecast.ts',
    from: '[0.05, 0.5, 0.95].map(q => quantileOf(passages, q))',
    to: '[0.2, 0.5, 0.8].map(q => quantileOf(passages, q))',
    test: [estimates, 'of a leak that scatters holds the update in which nothing is left'],
  },
  {
    rule: 'how much of the stranded pieces is of no use is not known',
    file: 'src/analysis/forecast.ts',
    from: 'LOST_SHARES = [0.35, 0.6, 0.85]',
    to: 'LOST_SHARES = [0.6, 0.6, 0.6]',
    test: [estimates, 'of a leak beside a stranded GiB, of which 0.8 cannot be used, holds the end'],
  },
  {
    rule: 'the first update that scatters below zero is the end',
    file: 'src/analysis/first-passage.ts',
    from: 'if (level + lowest < 0)',
    to: 'if (level < 0)',
    test: [estimates, 'of a leak that scatters by as much as ten updates add holds'],
  },
  {
    rule: 'an alarm clears once its figure has been below for its time',
    file: 'src/alerts/alarms.ts',
    from: '(isRaised ? rule.clearHoldMs : rule.holdMs)',
    to: 'rule.holdMs',
    test: ['test/alerts/alarms.test.ts', 'clears once its figure has been below for its time'],
  },
  {
    rule: 'headroom counts the stranded pieces, in a comparison too',
    file: 'src/analysis/update-series.ts',
    from: 'budgetBytes - peakBytes - strandedBytes',
    to: 'budgetBytes - peakBytes',
    test: [
      'test/path/one-answer.test.ts',
      'headroom is what is left beside the peak and the stranded pieces',
    ],
  },
];
