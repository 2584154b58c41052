import type { TelemetryRecord } from './record.ts';

export const TELE_730 = {
  id: 'TELE-730',
  figure: 'usedPercent',
  name: 'GPU Memory Used',
  label: 'device used',
  summary: 'Share of the device’s memory in use by everyone; above 90% it raises the memory alarm.',
  priority: 'P1-important',
  purpose: {
    question: 'Is the device itself full?',
    who: ['operator', 'developer', 'automation'],
    when: ['real-time', 'post-hoc'],
  },
  specification: {
    type: 'float',
    units: 'percent (0–100)',
    range: [0, 100],
    precision: 'no decimals',
    default: null,
  },
  meaning: {
    formula: 'usedPercent = (deviceTotalBytes − deviceFreeBytes) / deviceTotalBytes × 100',
    text: 'Everyone’s use: this process’ allocator and context, other processes, the driver. From `mem_get_info` or the driver, whichever is newer.',
  },
  thresholds: {
    warning: null,
    critical: { above: 90 },
    meaning: { healthy: 'The device has room', critical: 'The device is nearly full, whoever fills it' },
    judgedAt: 'vitals.memoryAlarmDevices',
    widget: 'RunHeader',
    styles: { critical: 'bold yellow' },
    examples: [
      [89.9, 'healthy', null],
      [90, 'healthy', null],
      [90.1, 'critical', '⚠ cuda:0 90%'],
      [95, 'critical', '⚠ cuda:0 95%'],
    ],
  },
  source: {
    origin: 'The device’s own count of free bytes, read with the allocator’s counters in every PPO update',
    file: 'src/workloads/ppo/agent.ts',
    symbol: 'PPOAgent.collectInfrastructureMetrics',
    call: 'TrainingDevice.read()',
  },
  alsoFrom: [
    {
      origin: 'The real device, by the Python client',
      file: 'python/esper_telemetry/memory.py',
      symbol: 'Device._read_free',
      call: 'torch.cuda.mem_get_info(device)',
    },
  ],
  transport: {
    event: 'PPO_UPDATE_COMPLETED',
    fields: ['memory[].deviceFreeBytes', 'memory[].deviceTotalBytes'],
  },
  schema: {
    type: 'DeviceState',
    constituents: ['devices[].usedBytes', 'devices[].totalBytes'],
    reducer: { file: 'src/reduce/ledger.ts', symbol: 'totalsOf' },
  },
  path: 'devices[].usedPercent',
  example: 75,
  consumers: [
    {
      widget: 'MemoryPanel',
      file: 'src/sanctum/MemoryPanel.ts',
      symbol: 'counters',
      form: 'device used 75%',
      usage: 'Among the counters',
    },
    {
      widget: 'Overwatch memory',
      file: 'src/web/Memory.tsx',
      symbol: 'Memory',
      form: 'device used 75%',
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
      file: 'src/reduce/reduce.test.ts',
      name: 'a device above 90% is one once it lasts, exactly 90% is none',
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
      { type: 'record', on: 'TELE-731', notes: 'The denominator' },
    ],
    downstream: [
      { type: 'record', on: 'TELE-741', notes: 'Devices in Alarm' },
      { type: 'human', on: 'Training operator', notes: 'Is the device itself full?' },
    ],
  },
  history: [{ date: '2026-11-23', author: 'Esper', change: 'Initial record' }],
  notes: [],
} as const satisfies TelemetryRecord;
