/** Which charts a run has, and what each line is: the figure, its words, its colour, its record. */

import { gib } from '../base/index.ts';
import { ownSeries } from '../contract/index.ts';
import { edge, limits } from '../figures/index.ts';
import { type HistoryFigure, ppoFigures, short, stepFigures } from '../present/index.ts';

export interface ChartLine {
  /** As the series name it; a device's after its name and a slash. */
  figure: string;
  label: string;
  /** Name of a colour of the style sheet. */
  color: string;
  dash?: number[];
  /** Record of the figure. */
  record?: string;
  /** Figure without which it is not known: what it is laid on. */
  needs?: string;
  /** Area down to the line before (or to 0). */
  fill?: boolean;
}

export interface ChartSpec {
  id: string;
  title: string;
  unit: string;
  lines: ChartLine[];
  format: (value: number | null) => string;
  /** Whether its numbers are percent. */
  isPercent?: boolean;
  /** Whether the axis must show 0. */
  fromZero?: boolean;
  /** Where the axis must reach to. */
  reach?: number;
  guides?: { at: number; label: string; color: string }[];
  /** Lines hold the ones before them: the areas between are the parts. */
  stacked?: boolean;
  wide?: boolean;
  /** Of a chart of the learner. */
  history?: HistoryFigure;
}

const pool = limits.memoryUsagePercent;

const bytes = { format: gib, unit: 'GiB', fromZero: true, wide: true };

const guide = (bound: Parameters<typeof edge>[0] | null, color: 'warning' | 'critical') =>
  bound === null ? [] : [{ at: edge(bound), label: color, color }];

export const deviceCharts: ChartSpec[] = [
  {
    id: 'pool',
    title: 'Pool use',
    unit: '',
    isPercent: true,
    wide: true,
    format: value => (value === null ? '–' : `${value.toFixed(value < 10 ? 1 : 0)}%`),
    reach: 100,
    lines: [{ figure: 'memoryUsagePercent', label: 'pool use', color: 'blue', record: 'TELE-770' }],
    guides: [
      { at: edge(pool.warning), label: 'warning', color: 'warning' },
      { at: edge(pool.critical), label: 'critical', color: 'critical' },
    ],
  },
  {
    id: 'pressure',
    title: 'Pressure',
    unit: 'peak / budget',
    wide: true,
    format: value => (value === null ? '–' : value.toFixed(2)),
    fromZero: true,
    reach: 1,
    lines: [
      { figure: 'pressureFraction', label: 'pressure', color: 'vermilion', record: 'pressureFraction' },
    ],
    guides: [
      ...guide(limits.memoryPressure.warning, 'warning'),
      ...guide(limits.memoryPressure.critical, 'critical'),
    ],
  },
  {
    ...bytes,
    id: 'memory',
    title: 'Memory',
    lines: [
      { figure: 'allocatedBytes', label: 'allocated', color: 'blue', record: 'cudaMemoryAllocatedGb' },
      {
        figure: 'peakAllocatedBytes',
        label: 'peak',
        color: 'vermilion',
        dash: [2, 3],
        record: 'cudaMemoryPeakGb',
      },
      {
        figure: 'reservedBytes',
        label: 'reserved',
        color: 'green',
        dash: [8, 3],
        record: 'cudaMemoryReservedGb',
      },
      {
        figure: 'peakReservedBytes',
        label: 'peak reserved',
        color: 'sky',
        dash: [5, 2, 1, 2],
        record: 'peakReservedBytes',
      },
      {
        figure: 'deviceUsedBytes',
        label: 'device used',
        color: 'purple',
        dash: [4, 2, 1, 2],
        record: 'usedPercent',
      },
      { figure: 'budgetBytes', label: 'budget', color: 'orange', dash: [12, 4], record: 'budgetBytes' },
    ],
  },
  {
    ...bytes,
    id: 'ledger',
    title: 'Where the bytes are',
    stacked: true,
    lines: [
      { figure: 'activeBytes', label: 'active', color: 'blue', fill: true },
      { figure: 'strandedEdgeBytes', label: 'stranded', color: 'purple', fill: true },
      { figure: 'reservedBytes', label: 'cache', color: 'sky', fill: true },
      { figure: 'deviceUsedBytes', label: 'other', color: 'orange', fill: true },
      { figure: 'deviceTotalBytes', label: 'free', color: 'free', fill: true, needs: 'deviceUsedBytes' },
    ],
  },
];

/** Room for the words of a guide. */
const ABOVE = 1.1;

/**
 * A chart without the lines of figures that were not measured. Where no budget was, the device's total stands for it.
 * @param measured figures of the device
 */
export function measuredChart(
  spec: ChartSpec,
  measured: ReadonlySet<string>,
  totalBytes: number | null,
): ChartSpec {
  // What is stacked lies on what is below it.
  const lines = spec.stacked ? spec.lines : spec.lines.filter(({ figure }) => measured.has(figure));
  const guides =
    spec.id === 'memory' && totalBytes !== null && !measured.has('budgetBytes')
      ? { guides: [{ at: totalBytes, label: 'device', color: 'orange' }], reach: ABOVE * totalBytes }
      : {};
  return { ...spec, ...guides, lines };
}

const learner = (history: HistoryFigure): ChartSpec => {
  const { key, title, unit, bounds, format } = history;
  return {
    id: key,
    title,
    unit,
    format,
    guides: bounds && [...guide(bounds.warning, 'warning'), ...guide(bounds.critical, 'critical')],
    lines: [{ figure: key, label: title, color: 'blue', record: key }],
    history,
  };
};

export const ppoCharts: readonly ChartSpec[] = ppoFigures.map(learner);
export const stepCharts: readonly ChartSpec[] = stepFigures.map(learner);

/** Distinguished by colour and by dash. */
export const lineStyles = [
  { color: 'blue', dash: undefined },
  { color: 'orange', dash: [8, 3] },
  { color: 'green', dash: [2, 3] },
  { color: 'purple', dash: [12, 4] },
  { color: 'vermilion', dash: [5, 2, 1, 2] },
] as const;

const PHASE = '/phase/';

/** Memory at the edges of phases, a line a phase; null where none was read. */
export function phaseChart(device: string, available: readonly string[]): ChartSpec | null {
  const own = available.filter(name => name.startsWith(`${device}${PHASE}`)).slice(0, lineStyles.length);
  if (own.length === 0) return null;
  return {
    ...bytes,
    id: 'phases',
    title: 'Held at the edges of phases',
    lines: own.map((name, i) => {
      const { color, dash } = lineStyles[i]!;
      const phase = name.slice(device.length + PHASE.length);
      return {
        figure: name.slice(device.length + 1),
        label: phase,
        color,
        dash: dash && [...dash],
        record: 'phaseLargestBytes',
      };
    }),
  };
}

/** Charts of its own figures that are shown where nobody chose any, and at most. */
const OWN_SHOWN = 6;
export const OWN_MOST = 12;

/** A chart of a figure of the trainer's own: nothing is known of it but its name. */
export const ownChart = (name: string): ChartSpec => ({
  id: ownSeries(name),
  title: name,
  unit: '',
  format: short,
  lines: [{ figure: ownSeries(name), label: name, color: 'blue' }],
});

/** The names among those available that are shown. @param chosen null where nobody chose any */
export const ownShown = (available: readonly string[], chosen: readonly string[] | null): string[] =>
  chosen === null
    ? available.slice(0, OWN_SHOWN)
    : available.filter(name => chosen.includes(name)).slice(0, OWN_MOST);

/** The figures of all charts of a device, as the series name them. @param own names of figures of the trainer's own */
export const figuresOf = (
  device: string | null,
  available: readonly string[],
  own: readonly string[] = [],
): string[] => [
  ...ppoFigures.map(({ key }) => key),
  ...own.map(ownSeries),
  ...(device === null
    ? []
    : [
        ...new Set(
          [...deviceCharts, phaseChart(device, available)].flatMap(
            chart => chart?.lines.map(({ figure }) => `${device}/${figure}`) ?? [],
          ),
        ),
        `${device}/refusals`,
      ]),
];
