/** Where figures are shown. A place of Sanctum has its twin in Overwatch, which shows the same. */

/** A widget that shows a figure, and what formats the figure there. */
interface Spot {
  widget: string;
  file: string;
  symbol: string;
  usage: string;
}

const sanctum = (widget: string, symbol: string, usage: string, file = `src/sanctum/${widget}.ts`): Spot => ({
  widget,
  file,
  symbol,
  usage,
});
const STATUS_LINE = 'src/present/status-line.ts';
const overwatch = (part: string, component: string): Spot => ({
  widget: `Overwatch ${part}`,
  file: `src/web/${component}.tsx`,
  symbol: component,
  usage: 'In the browser',
});

const twins = {
  StatusBanner: overwatch('banner', 'Banner'),
  RunHeader: overwatch('header', 'Banner'),
  MemoryPanel: overwatch('memory', 'Memory'),
  figures: overwatch('figures', 'OtherFigures'),
  learner: overwatch('learner', 'RunBody'),
  phases: overwatch('phases', 'Phases'),
  problems: overwatch('problems', 'RunBody'),
  events: overwatch('events', 'EventList'),
  verdict: overwatch('verdict', 'Verdict'),
};

/** A spot, and its twin; null where Overwatch shows the figure elsewhere or not at all. */
type Pair = readonly [spot: Spot, twin: Spot | null];

const banner = (symbol: string, usage: string): Pair => [
  sanctum('StatusBanner', symbol, usage, STATUS_LINE),
  twins.StatusBanner,
];
const memory = (symbol: string, usage: string, file?: string): Pair => [
  sanctum('MemoryPanel', symbol, usage, file),
  twins.MemoryPanel,
];
const header = (symbol: string, usage: string, file: string): Pair => [
  sanctum('RunHeader', symbol, usage, file),
  twins.RunHeader,
];

export const places = {
  bannerCounter: banner('counter', 'First figure of the banner; its border fills as the run proceeds'),
  bannerStatus: banner('status', 'First word; it also colours the banner’s border'),
  bannerMemory: banner('memoryFigure', 'After the batch counter, coloured by level; omitted when 0'),
  bannerPressure: banner('pressureFigure', 'After [Mem:…], coloured by level'),
  bannerHeadroom: banner('headroomFigure', 'After the pressure'),
  bannerReason: [sanctum('StatusBanner', 'reason', 'The reason of the status'), twins.StatusBanner],
  banner: [sanctum('StatusBanner', 'bannerRows', 'Where there is room'), twins.StatusBanner],
  headerRuntime: header('runtimeMs', 'After the connection', 'src/sanctum/connection.ts'),
  headerConnection: header('connection', 'After the task', 'src/sanctum/connection.ts'),
  headerDevice: [sanctum('RunHeader', 'RunHeader', 'After the device'), null],
  headerSystem: header('system', 'At the right end of the first line', STATUS_LINE),
  trends: [
    sanctum('PpoPanel', 'ppoFigures', 'With its history and trend', 'src/present/panel-values.ts'),
    twins.learner,
  ],
  trendBroken: [sanctum('PpoPanel', 'curveRow', 'In the place of the figure, bold red'), twins.learner],
  notes: [sanctum('PpoPanel', 'notes', 'Among the notes below the figures'), twins.figures],
  panelTitle: memory('MemoryPanel', 'In the title'),
  pool: memory('poolRow', 'Below the ledger, with its history; the lines of its bounds in a chart'),
  pressure: memory('pressureRow', 'Below the pool’s row'),
  counters: memory('counters', 'Among the counters'),
  ledger: memory('ledgerLegend', 'Part of the bar', 'src/sanctum/ledger-bar.ts'),
  memoryWarnings: memory('memoryRows', 'Above the pool’s row'),
  hostRow: [sanctum('MemoryPanel', 'hostRow', 'Last row'), twins.figures],
  phases: [sanctum('PhasePanel', 'table', 'One row a phase and worker'), twins.phases],
  verdict: [sanctum('VerdictPanel', 'VerdictPanel', 'In the sentence'), twins.verdict],
  verdictPage: [twins.verdict, null],
  problems: [sanctum('Footer', 'LogProblemRows', 'Once there is any'), twins.problems],
  events: [sanctum('EventLog', 'eventRows', 'When it happens'), twins.events],
  report: [
    {
      widget: 'Report',
      file: 'src/report/figures-table.ts',
      symbol: 'memoryRows',
      usage: 'Among the figures, with its interval or its range',
    },
    null,
  ],
} as const satisfies Record<string, Pair>;

export type Place = keyof typeof places;
