import type { TelemetryRecord } from './record.ts';

export const TELE_740 = {
  id: 'TELE-740',
  figure: 'hasMemoryAlarm',
  name: 'Memory Alarm',
  label: '⚠ System',
  summary:
    'An alarm about memory stands: memory was refused, pressure or headroom is critical, or a device, the host’s RAM or a pool on an unknown device stays full.',
  priority: 'P0-critical',
  purpose: {
    question: 'Is memory about to end this training?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'boolean',
    units: 'none',
    range: null,
    precision: '✓ System, or ⚠ with the worst device',
    default: false,
  },
  meaning: {
    formula: 'hasMemoryAlarm = memoryAlarmDevices is not empty',
    text: 'Any of the default alarm rules about memory stands on any device or host: at the wall, critical pressure, hardly any headroom, a device or the host more than 90% used for 30 s, TELE-770 critical for 30 s where the device’s totals are unknown. Receivers of alarms read the same rules. Automation may act on it.',
  },
  thresholds: null,
  source: {
    origin: 'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },

  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: [
      'memory[].peakActiveBytes',
      'memory[].reservedBytes',
      'memory[].deviceFreeBytes',
      'memory[].deviceTotalBytes',
    ],
  },
  schema: {
    type: 'SystemVitals',
    constituents: ['vitals.memoryAlarmDevices'],
    reducer: { file: 'src/reduce/derive.ts', symbol: 'derive' },
  },
  path: 'vitals.hasMemoryAlarm',
  example: true,
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/present/status-line.ts',
      symbol: 'system',
      form: '⚠ cuda:0 pressure 0.95',
      usage: 'At the right end of the first line; ✓ System where all is well',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '⚠ cuda:0 pressure 0.95',
      usage: 'The same in the browser',
    },
  ],
  tests: [
    {
      kind: 'unit (emitter)',
      file: 'src/workloads/ppo/agent.test.ts',
      name: 'every update reads the device’s memory, at its end and before the rollout is freed',
    },
    {
      kind: 'unit (reducer)',
      file: 'src/reduce/pressure.test.ts',
      name: 'critical is a critical alarm at once, whatever of the device is used; at the wall comes first',
    },
    {
      kind: 'integration (end-to-end)',
      file: 'test/records/verify.test.ts',
      name: 'every record’s figure comes from its source to its screens',
    },
  ],
  dependencies: {
    upstream: [
      { type: 'library', on: 'torch.cuda.mem_get_info', notes: 'One call for free and total' },
      { type: 'hardware', on: 'CUDA device', notes: 'Real or simulated; without one nothing is measured' },
      { type: 'record', on: 'TELE-741', notes: 'Raised while any device is named' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-030', notes: 'Overall Status' },
      { type: 'human', on: 'Training operator', notes: 'Sees the device and the figure beside the mark' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [
    [
      'Nothing measured',
      'Without any memory figure the header says `– System`, dim: not measured is not healthy.',
    ],
  ],
} as const satisfies TelemetryRecord;
