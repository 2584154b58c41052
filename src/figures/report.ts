/** Figures of a whole run: what its memory was, what it cost, what lies ahead. */
import type { Family } from './figure.ts';
import { allocatorAndDevice, optimised } from './sources.ts';
import { bytes, fraction, text, wholeCount } from './units.ts';

export const reportFigures = {
  verdictKind: {
    id: 'TELE-794',
    name: 'Verdict',
    label: 'verdict',
    summary:
      'What the run’s memory was found to be: leak, growth, spike, fragmentation, neighbour, cache starvation, allocator configuration, steady, or unmeasured. The report gives the reasons, and what to try.',
    question: 'What was it: a leak, a spike, fragmentation, a neighbour?',
    meaning:
      'The kind of the worst device’s first finding. Several findings may hold at once; each carries its evidence, and how sure it is: certain where nothing else explains the figures, likely or possible where something else might.',
    unit: { ...text('none', 'one word or two, with the confidence of each finding'), default: 'unmeasured' },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'researcher', 'automation'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('activeBytes', 'peakActiveBytes', 'reservedBytes', 'deviceFreeBytes'),
    document: 'report',
    path: 'verdict.kind',
    madeBy: 'src/analysis/verdict.ts#verdictOf',
    example: 'leak',
    shown: { report: 'Verdict leak', verdict: ['is leak', 'Verdict leak'] },
    tests: [
      'test/report/whole-path.test.ts#%s is found as %s, first and last',
      'test/report/golden.test.ts#on a terminal',
    ],
    notes: [
      [
        'Not an alarm',
        'An alarm is about now, from one reading. The verdict is about the whole run, from its history, and may be that too little was measured.',
      ],
    ],
  },
  lostFraction: {
    id: 'TELE-795',
    name: 'Lost Time',
    label: 'lost time',
    summary:
      'Share of the run’s time that went to stalls of the allocator, with the interval that holds the truth in 95 of 100 cases; or that there is no evidence of any.',
    question: 'Is memory pressure affecting training?',
    meaning:
      'Updates in which the allocator was busier than usual (refusals, device allocations and frees, synchronised streams) are compared with the nearest quiet updates that did the same work. Quiet updates compared with each other in the same way show how much of the difference is chance. Where the interval does not lie above zero, the answer is “no evidence”. Null where nothing was compared.',
    formula:
      'lostFraction = Σ (time of busy updates − median of quiet neighbours that did the same work) / Σ time',
    unit: {
      ...fraction,
      units: 'fraction of the time of the updates looked at; below 0 where busy updates were faster',
      range: null,
      precision: 'percent, two digits; always with its interval',
    },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'researcher'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('allocRetries'),
    document: 'report',
    path: 'devices[].attribution.lostFraction.mid',
    madeBy: 'src/analysis/attribution.ts#Attributor',
    example: 0.08,
    shown: { report: 'Lost time 8.0% ', verdict: ['cost 8.0%', 'What did it cost? 8.0% of the time'] },
    tests: [
      'test/report/whole-path.test.ts#lost time and updates at the wall are those that the scenario made',
      'test/report/golden.test.ts#on a terminal',
    ],
    notes: [
      [
        'Warm-up',
        'The first updates of each process are left out: compiling and filling caches take time that no pressure caused.',
      ],
    ],
  },
  forecastUpdates: {
    id: 'TELE-796',
    name: 'Updates to Out of Memory',
    label: 'updates to OOM',
    summary:
      'In how many updates memory runs out if it goes on like this, with the range that holds the truth in 90 of 100 cases; or that there is no trend.',
    question: 'When does it run out of memory?',
    meaning:
      'A robust line (Theil–Sen) is fitted to what was left of the budget at the peak of each update since the run began or last changed. Its future is drawn many times with what the fit leaves open; the median of the passages through zero is reported, and the middle nine tenths of them as the range. Null unless the line falls with certainty and meets zero within ten times the length of what it was fitted to. Where what the device has free was not measured, as in most logs of trainers, what is left is left of the whole device: the forecast is then of the update in which the device is full.',
    formula:
      'first update in which the line through what is left of the budget, with its scatter, is below zero',
    unit: {
      ...fraction,
      units: 'updates, from the newest one',
      range: null,
      precision: 'whole updates; always with its range',
    },
    priority: 'P0-critical',
    readers: ['operator', 'developer', 'automation'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('peakActiveBytes', 'reservedBytes', 'deviceFreeBytes', 'deviceTotalBytes'),
    document: 'report',
    path: 'devices[].forecast.updates.mid',
    madeBy: 'src/analysis/forecast.ts#forecast',
    needs: { budgetBytes: 'What is left is left of it' },
    example: 40,
    shown: { report: 'Updates to out of memory 40 ', verdict: '(likeliest 40)' },
    tests: [
      'test/report/whole-path.test.ts#a leak’s end is foreseen, in updates and minutes',
      'test/report/golden.test.ts#on a terminal',
    ],
    notes: [
      [
        'Peaks of a whole run',
        'Where nobody resets the peaks they show nothing of single updates: the line is then that of the memory at rest, and the peak above it is drawn from what is known of it.',
      ],
    ],
  },
  forecastMinutes: {
    id: 'TELE-797',
    name: 'Time to Out of Memory',
    label: 'time to OOM',
    summary: 'The same as updates to OOM, at the pace of the newest updates.',
    question: 'Is there time to act before it runs out of memory?',
    meaning:
      'The updates until memory runs out, times the median time from one update to the next; pauses do not count. Null where the forecast is, or where the clock stood still.',
    formula: 'forecastMinutes = forecastUpdates × median time between updates',
    unit: {
      ...fraction,
      units: 'minutes',
      range: null,
      precision: 'seconds, minutes, hours or days; always with its range',
    },
    priority: 'P1-important',
    readers: ['operator', 'automation'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('peakActiveBytes', 'reservedBytes', 'deviceFreeBytes', 'deviceTotalBytes'),
    document: 'report',
    path: 'devices[].forecast.minutes.mid',
    madeBy: 'src/analysis/forecast.ts#forecast',
    needs: { forecastUpdates: 'The updates' },
    example: 40,
    shown: { report: 'Time to out of memory 40 min ', verdictPage: '(likeliest 40), 40 min to' },
    tests: [
      'test/report/whole-path.test.ts#a leak’s end is foreseen, in updates and minutes',
      'test/report/golden.test.ts#on a terminal',
    ],
  },
  updatesAtTheWall: {
    id: 'TELE-798',
    name: 'Updates at the Wall',
    label: 'updates at wall',
    summary: 'Updates of the run in which the device refused memory, at first or for good.',
    question: 'How often was the run at its limit?',
    meaning:
      'Of all updates of the run, those in which a counter of refusals grew. One update may hold several refusals (TELE-750). Null where the counters are not reported. The refusal that ends a run is in no reading, and not among them.',
    formula: 'updatesAtTheWall = number of updates with Δ allocRetries + Δ ooms > 0',
    unit: { ...wholeCount, units: 'updates', range: null },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('allocRetries', 'ooms'),
    document: 'report',
    path: 'devices[].updatesAtTheWall',
    madeBy: 'src/analysis/device.ts#DeviceAnalyser.take',
    needs: { allocRetries: 'Their number', ooms: 'Their number' },
    example: 7,
    shown: { report: 'Updates at the wall 7 ', verdictPage: '7 allocations failed at first, in 7 updates' },
    tests: [
      'test/report/whole-path.test.ts#lost time and updates at the wall are those that the scenario made',
      'test/report/golden.test.ts#on a terminal',
    ],
  },
  spikes: {
    id: 'TELE-799',
    name: 'Spikes',
    label: 'spikes',
    summary:
      'Updates that needed far more memory than those around them; the highest are named with their batch.',
    question: 'Which updates need far more than the others?',
    meaning:
      'What is still needed some updates later is a step, not a spike. Where only the peak of the whole run is reported, a jump of it counts that nothing else follows: no memory at rest, no more work, no longer updates. 0 where peaks are not reported; the report then shows “not measured”.',
    formula:
      'peak above the median of its neighbours by a tenth of the budget and six of their robust standard deviations, and falling back at once',
    unit: {
      ...bytes,
      units: 'updates',
      range: null,
      precision: 'whole, with the height and batch of the highest',
      default: 0,
    },
    priority: 'P1-important',
    readers: ['developer', 'researcher'],
    moments: ['on-demand', 'post-hoc'],
    from: allocatorAndDevice('peakActiveBytes', 'reservedBytes', 'deviceFreeBytes'),
    document: 'report',
    path: 'devices[].spikes.count',
    madeBy: 'src/analysis/spikes.ts#SpikeFinder',
    example: 2,
    shown: { report: 'Spikes 2 ' },
    tests: [
      'test/report/whole-path.test.ts#spikes are counted, and the highest named with its batch',
      'test/report/golden.test.ts#on a terminal',
    ],
  },
  brokenLossUpdates: {
    id: 'TELE-051',
    name: 'Updates without a Finite Loss',
    label: 'broken loss',
    summary:
      'How many updates in a row had a loss that was NaN or infinite: the stretch that lasts until the newest update, else the longest.',
    question: 'Did the training break, and since when?',
    meaning:
      'Three in a row at least: one or two may be a batch that overflowed, which mixed precision passes over. Of a PPO update it is the total loss, or the policy’s or the value function’s where they alone are reported. The report names the last finite loss, whether the gradient’s norm broke before it, and the loss scale until then. Null where the loss was finite, or was not measured.',
    formula: 'number of updates in a row whose loss is not finite',
    unit: { ...wholeCount, units: 'updates', range: null },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    moments: ['on-demand', 'post-hoc'],
    from: optimised('total_loss', 'loss.total'),
    document: 'report',
    path: 'learning.broken.updates',
    madeBy: 'src/analysis/broken-loss.ts#BrokenLosses',
    needs: { totalLoss: 'It is the loss that is not finite' },
    example: 7,
    shown: { report: 'not a number in 7 updates in a row' },
    tests: [
      'test/report/whole-path.test.ts#a loss that breaks is shown with its first update and how many there were',
    ],
  },
} as const satisfies Family;
