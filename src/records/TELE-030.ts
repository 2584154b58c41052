import type { TelemetryRecord } from './record.ts';

export const TELE_030 = {
  id: 'TELE-030',
  figure: 'statusLevel',
  name: 'Overall Status',
  label: 'status',
  summary:
    'The worst of what the learner’s health and the memory alarms say, with its first reason beside it.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is it fine, or about to die?',
    who: ['operator', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'text',
    units: 'ok, warmup, warning, critical',
    range: null,
    precision: 'a mark and a word',
    default: 'warmup',
  },
  meaning: {
    formula: 'max over learner, alarms, contradictions and failures; warmup or ok where there is none',
    text: 'Judged once, by the reducer: a failed rank and figures that are not finite are critical; each record’s thresholds and every memory alarm contribute what they say. `warmup` lasts for the first five updates, whose thresholds would say little.',
  },
  thresholds: null,
  source: {
    origin: 'Computed by the learner in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.update',
    call: 'PPOAgent.update(rollout)',
  },

  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['policy.approxKl'] },
  schema: {
    type: 'SanctumSnapshot',
    constituents: [],
    reducer: { file: 'src/reduce/derive.ts', symbol: 'derive' },
  },
  path: 'status.level',
  example: 'critical',
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/present/status-line.ts',
      symbol: 'status',
      form: '[✗] CRITICAL',
      usage: 'First word; it also colours the banner’s border',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '[✗] CRITICAL',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/emit-ppo-update-event.test.ts',
      name: 'every metric reaches its field',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/reduce.test.ts',
      name: 'is warming up, then well; a figure that is not finite is critical at once, and named',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      { type: 'library', on: '@jax-js/jax', notes: 'Loss and gradient of the built-in trainer' },
      { type: 'record', on: 'TELE-031', notes: 'A failed run is critical' },
      { type: 'record', on: 'TELE-110', notes: 'Warning and critical' },
      { type: 'record', on: 'TELE-135', notes: 'Warning' },
      { type: 'record', on: 'TELE-200', notes: 'Warning' },
      { type: 'record', on: 'TELE-300', notes: 'Critical' },
      { type: 'record', on: 'TELE-740', notes: 'A warning; critical at the wall' },
      { type: 'record', on: 'TELE-760', notes: 'Critical contributes a warning' },
      { type: 'record', on: 'TELE-770', notes: 'Above 90% contributes a warning' },
      { type: 'record', on: 'TELE-775', notes: 'A warning' },
    ],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'Is it fine, or about to die?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
