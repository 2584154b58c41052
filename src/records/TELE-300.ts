import type { TelemetryRecord } from './record.ts';

export const TELE_300 = {
  id: 'TELE-300',
  figure: 'nonFinite',
  name: 'Figures Not Finite',
  label: 'NaN',
  summary: 'A figure that was NaN or infinite in the newest update: the training has diverged.',
  priority: 'P0-critical',
  purpose: {
    question: 'Has the training diverged?',
    who: ['operator', 'developer', 'researcher', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'list',
    units: 'names of figures',
    range: null,
    precision: 'NaN in the figure’s place',
    default: [],
  },
  meaning: {
    formula: 'names of the figures whose wire value is NaN, Infinity or −Infinity',
    text: 'JSON has no NaN, and null would claim that nothing was measured, so non-finite figures travel by name. The reducer stores null for the figure and its name here; any entry makes the status critical, even during warm-up.',
  },
  thresholds: null,
  source: {
    origin: 'Computed by the learner in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.update',
    call: 'PPOAgent.update(rollout)',
  },

  alsoFrom: [
    {
      origin: 'Told by a PyTorch loop, once an update',
      file: 'python/esper_telemetry/run.py',
      symbol: 'Run.ppo_update',
      call: 'run.ppo_update(grad_norm=…)',
    },
  ],
  transport: { event: 'PPO_UPDATE_COMPLETED', fields: ['gradient.norm'] },
  schema: {
    type: 'PpoState',
    constituents: [],
    reducer: { file: 'src/reduce/updates.ts', symbol: 'ppoUpdateCompleted' },
  },
  path: 'tamiyo.ppo.nonFinite',
  example: 'gradient norm',
  consumers: [
    {
      widget: 'PpoPanel',
      file: 'src/sanctum/PpoPanel.ts',
      symbol: 'figureRow',
      form: 'grad norm NaN',
      usage: 'In the place of the figure, bold red',
    },
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'reason',
      form: 'gradient norm not finite',
      usage: 'The reason of the status',
    },
    {
      widget: 'Overwatch learner',
      file: 'src/web/RunBody.tsx',
      symbol: 'RunBody',
      form: 'gradient norm NaN',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'gradient norm not finite',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/emit/emit-ppo-update-event.test.ts',
      name: 'figures that diverged travel by name',
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
    {
      kind: 'visual (terminal)',
      file: 'src/sanctum/frame.test.ts',
      name: 'shows a figure that is not finite as NaN in red',
    },
  ],
  dependencies: {
    upstream: [{ type: 'library', on: '@jax-js/jax', notes: 'Loss and gradient of the built-in trainer' }],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Overall Status' },
      { type: 'human', on: 'Training operator', notes: 'Has the training diverged?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
