import type { TelemetryRecord } from './record.ts';

export const TELE_741 = {
  id: 'TELE-741',
  figure: 'memoryAlarmDevices',
  name: 'Devices in Alarm',
  label: '⚠ cuda:0',
  summary: 'Which devices, or the host, raise the memory alarm, and why.',
  priority: 'P0-critical',
  purpose: {
    question: 'Which device is it, and what is wrong with it?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'list',
    units: 'devices with level, reason and percent',
    range: null,
    precision: 'the worst by name, then how many more',
    default: [],
  },
  meaning: {
    formula: 'places at which an alarm about memory stands',
    text: 'One entry a device of a rank, and one a host, with the first of the default alarm rules that stands there: at the wall, pressure, headroom (critical); device above 90%, pool critical while the device’s totals are unknown, host RAM above 90% (warning, once it has lasted 30 s). Each has the rule’s name, the figure now, and since when it stands.',
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
    constituents: ['devices[].usedPercent', 'devices[].atTheWall', 'vitals.host.ramUsedPercent'],
    reducer: { file: 'src/alarms/memory-alarm.ts', symbol: 'memoryAlarms' },
  },
  path: 'vitals.memoryAlarmDevices',
  example: 'cuda:0',
  consumers: [
    {
      widget: 'RunHeader',
      file: 'src/present/status-line.ts',
      symbol: 'system',
      form: '⚠ cuda:0 pressure 0.95',
      usage: 'The worst, at the right end of the first line',
    },
    {
      widget: 'StatusBanner',
      file: 'src/sanctum/StatusBanner.ts',
      symbol: 'reason',
      form: 'cuda:0: pressure 0.95: at its peak',
      usage: 'The reason of the status',
    },
    {
      widget: 'Overwatch header',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: '⚠ cuda:0 pressure 0.95',
      usage: 'The same in the browser',
    },
    {
      widget: 'Overwatch banner',
      file: 'src/web/Banner.tsx',
      symbol: 'Banner',
      form: 'cuda:0: pressure 0.95: at its peak',
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
      { type: 'record', on: 'TELE-723', notes: 'Above 90%' },
      { type: 'record', on: 'TELE-730', notes: 'Above 90%' },
      { type: 'record', on: 'TELE-754', notes: 'At the wall' },
      { type: 'record', on: 'TELE-770', notes: 'Critical where TELE-730 is unknown' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-740', notes: 'Memory Alarm' },
      { type: 'human', on: 'Training operator', notes: 'Which device is it, and what is wrong with it?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
