/**
 * Writes esper.json, the Grafana dashboard of what /metrics exports:  node docs/grafana/make-dashboard.mjs
 */
import { writeFileSync } from 'node:fs';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana’s own placeholder
const source = { type: 'prometheus', uid: '${datasource}' };
const by = '{run=~"$run"}';
let id = 0;
const panel = (title, unit, targets, { x, y, w = 12, thresholds = [], min = 0, max } = {}) => ({
  id: ++id,
  title,
  type: 'timeseries',
  datasource: source,
  gridPos: { x, y, w, h: 8 },
  fieldConfig: {
    defaults: {
      unit,
      min,
      max,
      custom: { spanNulls: false, thresholdsStyle: { mode: thresholds.length > 0 ? 'line' : 'off' } },
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'green', value: null }, ...thresholds.map(([value, color]) => ({ value, color }))],
      },
    },
    overrides: [],
  },
  targets: targets.map(([expr, legendFormat], i) => ({
    refId: 'ABCDEF'[i],
    datasource: source,
    expr,
    legendFormat,
  })),
});

const dashboard = {
  uid: 'esper-overwatch',
  title: 'Esper: GPU memory of training',
  tags: ['esper', 'gpu', 'training'],
  schemaVersion: 39,
  refresh: '10s',
  time: { from: 'now-1h', to: 'now' },
  templating: {
    list: [
      { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
      {
        name: 'run',
        type: 'query',
        label: 'Run',
        datasource: source,
        query: { query: 'label_values(esper_status, run)', refId: 'run' },
        includeAll: true,
        multi: true,
        refresh: 2,
        current: { text: 'All', value: '$__all' },
      },
    ],
  },
  panels: [
    panel('Pool use (TELE-770)', 'percent', [[`esper_memory_usage_percent${by}`, '{{name}} {{device}}']], {
      x: 0,
      y: 0,
      max: 100,
      thresholds: [
        [75, 'yellow'],
        [90, 'red'],
      ],
    }),
    panel(
      'Memory',
      'bytes',
      [
        [`torch_cuda_allocated_bytes_all_current${by}`, 'allocated {{name}} {{device}}'],
        [`torch_cuda_allocated_bytes_all_peak${by}`, 'peak {{name}} {{device}}'],
        [`torch_cuda_reserved_bytes_all_current${by}`, 'reserved {{name}} {{device}}'],
        [`hw_gpu_memory_usage_bytes${by}`, 'device used {{name}} {{device}}'],
        [`hw_gpu_memory_limit_bytes${by}`, 'device total {{name}} {{device}}'],
      ],
      { x: 12, y: 0 },
    ),
    panel(
      'Refused memory',
      'short',
      [
        [`torch_cuda_num_alloc_retries${by}`, 'retries {{name}} {{device}}'],
        [`torch_cuda_num_ooms${by}`, 'OOMs {{name}} {{device}}'],
      ],
      { x: 0, y: 8 },
    ),
    panel(
      'Alarm and status',
      'short',
      [
        [`esper_memory_alarm${by}`, 'alarm {{name}}'],
        [`esper_status${by}`, 'status {{name}}'],
      ],
      {
        x: 12,
        y: 8,
        max: 3,
      },
    ),
    panel('Return', 'short', [[`esper_ppo_episodic_return${by}`, '{{name}}']], {
      x: 0,
      y: 16,
      w: 8,
      min: undefined,
    }),
    panel('Approx KL', 'short', [[`esper_ppo_approx_kl${by}`, '{{name}}']], { x: 8, y: 16, w: 8 }),
    panel('Steps per second', 'short', [[`esper_steps_per_second${by}`, '{{name}}']], { x: 16, y: 16, w: 8 }),
  ],
};
writeFileSync(new URL('esper.json', import.meta.url), `${JSON.stringify(dashboard, null, 2)}\n`);
