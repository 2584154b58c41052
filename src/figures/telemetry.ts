/** Figures of the telemetry itself, and of the training’s speed. */
import type { Family } from './figure.ts';
import { envelope, timed } from './sources.ts';
import { bytes, ms, rate, wholeCount } from './units.ts';

export const telemetry = {
  connectionAgeMs: {
    id: 'TELE-701',
    name: 'Connection',
    label: '● LIVE',
    summary:
      'Whether events still arrive: SLOW after 2 s without an event, STALE after 5 s; of updates that take longer than a second, after 2 and 5 times as long.',
    question: 'Is what I see the present?',
    meaning:
      'Time since the newest event of any rank. Judged by the view, the only one who knows the time; the snapshot holds the time of the newest event and the usual time between two updates. Before the second update that is taken for 30 s: models take their time to load.',
    formula: 'connectionAgeMs = now − lastEventMs',
    unit: { ...bytes, units: 'ms', precision: 'a word; the age where it is slow' },
    priority: 'P0-critical',
    readers: ['operator', 'automation'],
    moments: ['real-time'],
    from: envelope('Date.now()', { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['timeMs'] }, [
      'src/log/log-writer.test.ts#a line is in the file when append returns',
    ]),
    path: 'run.lastEventMs',
    bounds: {
      warning: { atLeast: 2000 },
      critical: { atLeast: 5000 },
      meaning: {
        healthy: 'Events arrive',
        warning: 'Nothing for two seconds, or two usual updates: a long update, or a busy machine',
        critical: 'Nothing for five seconds, or five usual updates: look at the trainer',
      },
      judgedAt: null,
      widget: 'RunHeader',
      styles: { healthy: 'bold green', warning: 'bold yellow', critical: 'bold red' },
      examples: [
        [0, 'healthy', '● LIVE'],
        [1999, 'healthy', '● LIVE'],
        [2000, 'warning', '◐ SLOW 2 s'],
        [4999, 'warning', '◐ SLOW 4 s'],
        [5000, 'critical', '○ STALE 5 s'],
      ],
    },
    example: 0,
    shown: { headerConnection: '● LIVE' },
    notes: [
      [
        'Clocks',
        'The age compares this machine’s clock with the trainer’s; a trainer whose clock is ahead counts as live.',
      ],
    ],
  },
  telemetryMs: {
    id: 'TELE-703',
    name: 'Telemetry Overhead',
    label: 'telemetry',
    summary: 'What this telemetry itself cost the training since the previous event.',
    question: 'What does watching cost?',
    meaning:
      'Gathering this event’s figures and writing the previous event’s line. Every event of a trainer carries it, so that the overhead is a figure and no promise; those of a watched log do not, which another process reads.',
    formula: 'telemetryMs = gathering this event + writing the previous one',
    unit: ms,
    priority: 'P1-important',
    readers: ['operator', 'developer', 'automation'],
    from: envelope(
      'performance.now()',
      { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['telemetryMs'] },
      [
        'src/emit/emitter.test.ts#reports what telemetry took: gathering this event and writing the one before',
      ],
    ),
    path: 'ranks[].newestTelemetryMs',
    madeBy: 'src/reduce/updates.ts#newest',
    example: 12000,
    shown: { notes: 'telemetry 12.0 s' },
  },
  lostEvents: {
    id: 'TELE-704',
    name: 'Lost Events',
    label: 'events lost',
    summary: 'Events missing from the log: gaps in the events’ numbering.',
    question: 'Is the log complete?',
    meaning:
      'Every event of a rank is numbered. A number that never arrives was lost: a full disk, a line that could not be written. Null would be wrong here: no gap seen is a measured zero.',
    formula: 'lostEvents = sum of gaps in seq',
    unit: { ...wholeCount, default: 0 },
    priority: 'P1-important',
    readers: ['operator', 'developer', 'automation'],
    from: envelope('Emitter.nextSeq', { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['seq'] }, [
      'src/emit/emitter.test.ts#never throws: what cannot be written leaves a gap in seq',
    ]),
    path: 'ranks[].lostEvents',
    example: 3,
    shown: { events: '3 events lost before seq', problems: '3 events lost' },
    tests: ['src/reduce/reduce.test.ts#lost, repeated and unknown events are counted'],
  },
  unknownEvents: {
    id: 'TELE-705',
    name: 'Unknown Events',
    label: 'unknown types',
    summary: 'Events of types that this version does not know: kept in the log, shown nowhere.',
    question: 'Was this log written by a newer Esper?',
    meaning: 'A reader accepts older and newer minor versions; what it does not know it counts.',
    formula: 'unknownEvents = events of types or versions unknown here',
    unit: { ...wholeCount, default: 0 },
    priority: 'P2-useful',
    readers: ['developer'],
    moments: ['on-demand', 'post-hoc'],
    from: envelope('Emitter.emit', { event: 'PPO_UPDATE_COMPLETED', fields: [], envelope: ['type'] }, [
      'src/log/read-run.test.ts#keeps what it does not know',
    ]),
    path: 'ranks[].unknownEvents',
    example: 2,
    shown: { problems: '2 events of unknown types' },
    tests: ['src/reduce/reduce.test.ts#lost, repeated and unknown events are counted'],
  },
  stepsPerSecond: {
    id: 'TELE-710',
    name: 'Steps per Second',
    label: 'steps/s',
    summary: 'Environment steps per second, rollout and update together.',
    question: 'How fast does the training go?',
    meaning:
      'Steps of the rollout over the time of rollout and update. CleanRL calls it SPS, Stable-Baselines3 fps. For a loop that is not PPO, samples per second.',
    formula: 'stepsPerSecond = rollout steps / (rolloutMs + updateMs) × 1000',
    unit: rate,
    priority: 'P1-important',
    readers: ['operator', 'developer', 'researcher'],
    from: timed('steps_per_second', 'timing.stepsPerSecond'),
    path: 'tamiyo.ppo.stepsPerSecond',
    example: 21400,
    shown: { banner: 'SPS 21.4k', trends: ['steps/s 21.4k', 'steps per second 21.4k'] },
    trend: {
      order: 90,
      title: 'steps per second',
      step: { label: 'samples/s', title: 'samples per second' },
    },
    metric: { name: 'esper.steps_per_second', help: 'Environment steps, or samples' },
  },
} as const satisfies Family;
