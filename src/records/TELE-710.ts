import type { TelemetryRecord } from './record.ts';

export const TELE_710 = {
  id: 'TELE-710',
  figure: 'stepsPerSecond',
  name: 'Steps per Second',
  label: 'SPS',
  summary: 'Environment steps per second, rollout and update together.',
  priority: 'P1-important',
  purpose: {
    question: 'How fast does the training go?',
    who: ['operator', 'developer', 'researcher'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: '1/s',
    range: [0, null],
    precision: '950, 21.4k, 1.2M',
    default: null,
  },
  meaning: {
    formula: 'stepsPerSecond = rollout steps / (rolloutMs + updateMs) × 1000',
    text: 'Steps of the rollout over the time of rollout and update. CleanRL calls it SPS, Stable-Baselines3 fps. For a loop that is not PPO, samples per second.',
  },
  thresholds: null,
  source: {
    origin: 'Timed by the training loop around each batch',
    file: 'src/workloads/ppo/train.ts',
    symbol: 'train',
    call: 'performance.now()',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(steps_per_second=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['timing.stepsPerSecond'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.stepsPerSecond',
  example: 21400,
  consumers: [
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'bannerRows',
      form: 'SPS 21.4k',
      usage: 'Where there is room',
    },
    {
      widget: 'PpoPanel',
      file: 'src/present/panel-values.ts',
      symbol: 'ppoFigures',
      form: 'steps/s 21.4k',
      usage: 'With its course and trend',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'SPS 21.4k',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'steps per second 21.4k',
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
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [],
    downstream: [{ type: 'human', on: 'Training operator', notes: 'How fast does the training go?' }],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
