/**
 * A figure's telemetry record: what it means, when it is healthy, where it comes from, where it flows and who shows it, in
 * the form of the original TELE-770. It is derived from the figure's declaration and adds nothing of its own.
 */
import { withBounds } from './bound-text.ts';
import type { RecordThresholds } from './bounds.ts';
import type { Figure, Location, Moment, Reader, RecordId, ReportPath, SnapshotPath } from './figure.ts';
import { type Place, places } from './places.ts';
import type { Dependency, Reference, Source, Transport } from './sources.ts';
import type { Unit } from './units.ts';

/** A widget that shows the figure. */
export interface Consumer {
  widget: string;
  file: string;
  /** What formats the figure there. */
  symbol: string;
  /** What stands on the screen while the figure has the record's `example`; runs of spaces count as one. */
  form: string;
  usage: string;
}

export interface TestReference {
  kind: string;
  file: string;
  /** Title of the test, without the titles of its suites. */
  name: string;
}

export type TelemetryRecord = Location & {
  id: RecordId;
  /** The figure's own name, unique among records. */
  figure: string;
  /** The file of its declaration. */
  declaredIn: string;
  name: string;
  label: string;
  summary: string;
  priority: Figure['priority'];
  purpose: { question: string; who: readonly Reader[]; when: readonly Moment[] };
  specification: Omit<Unit, 'default' | 'form'> & { default: NonNullable<Unit['default']> | null };
  /** `formula` is null for a figure that is taken as it came. Markdown. */
  meaning: { formula: string | null; text: string };
  thresholds: RecordThresholds | null;
  source: Source;
  /** Others that measure the same figure and fill the same fields. */
  alsoFrom: readonly Source[];
  transport: Transport;
  schema: {
    /** Name of the schema that declares the field, and its file. */
    type: string;
    file: string;
    /** Paths that a computed figure is made of. */
    constituents: readonly (SnapshotPath | ReportPath)[];
    /** What makes the figure from the payload. */
    reducer: Reference;
  };
  /** The value that the consumers' forms show. */
  example: number | string | boolean;
  consumers: readonly Consumer[];
  tests: readonly TestReference[];
  dependencies: { upstream: readonly Dependency[]; downstream: readonly Dependency[] };
  history: readonly { date: string; author: string; change: string }[];
  /** Title and text, Markdown. */
  notes: readonly (readonly [title: string, text: string])[];
  quotes?: true;
};

const SNAPSHOT = 'src/contract/snapshot.ts';
const REPORT = 'src/contract/report.ts';

/** By the beginning of a path: the schema that declares the field, and what makes it. */
const parts: readonly [prefix: string, type: string, file: string, madeBy: string][] = [
  ['tamiyo.ppo.', 'PpoState', SNAPSHOT, 'src/reduce/updates.ts#ppoUpdateCompleted'],
  ['tamiyo.infrastructure.', 'InfrastructureMetrics', SNAPSHOT, 'src/reduce/memory.ts#infrastructureOf'],
  ['tamiyo.', 'TamiyoState', SNAPSHOT, 'src/reduce/derive.ts#derive'],
  ['devices[].pressure.', 'MemoryPressure', SNAPSHOT, 'src/reduce/pressure.ts#pressureOf'],
  ['devices[].ledger.', 'Ledger', SNAPSHOT, 'src/reduce/ledger.ts#ledgerOf'],
  ['devices[].driver.', 'DeviceSample', 'src/contract/samples.ts', 'src/reduce/ledger.ts#driverOf'],
  ['devices[].reading.', 'DeviceMemory', 'src/contract/memory.ts', 'src/reduce/memory.ts#deviceMemory'],
  ['devices[].', 'DeviceState', SNAPSHOT, 'src/reduce/memory.ts#count'],
  ['vitals.host.', 'HostState', SNAPSHOT, 'src/reduce/samples.ts#hostSampled'],
  ['vitals.', 'SystemVitals', SNAPSHOT, 'src/reduce/derive.ts#derive'],
  ['ranks[].phases[].', 'PhaseMemory', SNAPSHOT, 'src/reduce/memory-sampled.ts#phaseAfter'],
  ['ranks[].', 'RankState', SNAPSHOT, 'src/reduce/index.ts#apply'],
  ['', 'SanctumSnapshot', SNAPSHOT, 'src/reduce/derive.ts#derive'],
];
const reportParts: typeof parts = [
  ['devices[].forecast.', 'Forecast', REPORT, 'src/analysis/forecast.ts#forecast'],
  ['devices[].attribution.', 'Attribution', REPORT, 'src/analysis/attribution.ts#Attributor'],
  ['devices[].', 'DeviceReport', REPORT, 'src/analysis/device.ts#DeviceAnalyser.take'],
  [
    'acrossRanks[].',
    'RankFinding',
    'src/contract/rank-finding.ts',
    'src/analysis/ranks/index.ts#acrossRanks',
  ],
  ['learning.broken.', 'BrokenLoss', REPORT, 'src/analysis/broken-loss.ts#BrokenLosses'],
  ['', 'RunReport', REPORT, 'src/analysis/run-analyser.ts#RunAnalyser.take'],
];

const split = (reference: string): [file: string, symbol: string] => {
  const at = reference.indexOf('#');
  return [reference.slice(0, at), reference.slice(at + 1)];
};

function schemaOf({ document, path, madeBy, of = [] }: Figure): TelemetryRecord['schema'] {
  const [, type, file, made] = (document === 'report' ? reportParts : parts).find(([prefix]) =>
    path.startsWith(prefix),
  )!;
  const [at, symbol] = split(madeBy ?? made);
  return { type, file, constituents: of, reducer: { file: at, symbol } };
}

function consumersOf({ shown }: Figure): Consumer[] {
  const all = Object.entries(shown).map(([place, form]) => ({
    spots: places[place as Place],
    forms: typeof form === 'string' ? [form, form] : form,
  }));
  const at = (side: 0 | 1) =>
    all.flatMap(({ spots, forms }) => (spots[side] === null ? [] : [{ ...spots[side], form: forms[side]! }]));
  return [...at(0), ...at(1)];
}

const kinds: readonly [file: RegExp, kind: string][] = [
  [/^src\/(emit|workloads|ppo)\//, 'unit (emitter)'],
  [/^src\/log\//, 'unit (log)'],
  [/^src\/(reduce|figures)\//, 'unit (reducer)'],
  [/^src\/sanctum\/frame\.test/, 'visual (terminal)'],
  [/^src\/sanctum\/|^test\/report\/golden/, 'unit (display)'],
  [/^/, 'integration (end-to-end)'],
];
/** The test that runs every figure from its source to its screens. */
const END_TO_END = 'test/wiring/wiring.test.ts#every record’s figure comes from its source to its screens';

function testOf(reference: string): TestReference {
  const [file, name] = split(reference);
  return { kind: kinds.find(([pattern]) => pattern.test(file))![1], file, name };
}

const people: Record<Reader, string> = {
  operator: 'Training operator',
  developer: 'Developer',
  researcher: 'Researcher',
  automation: 'Automated system',
};

/** The record of one figure among all. */
export function recordOf(
  figure: string,
  declaredIn: string,
  declared: Figure,
  all: Readonly<Record<string, Figure>>,
): TelemetryRecord {
  const { unit, from, bounds, document, path, finding } = declared;
  const upstream: Dependency[] = [
    ...from.needs,
    ...Object.entries(declared.needs ?? {}).map(
      ([other, notes]): Dependency => ({
        type: 'record',
        on: all[other]!.id,
        notes,
      }),
    ),
  ];
  const dependents = Object.entries(all).filter(([, other]) => Object.hasOwn(other.needs ?? {}, figure));
  const downstream: Dependency[] = [
    ...dependents.map(
      ([name, other]): Dependency => ({
        type: 'record',
        on: other.id,
        notes: declared.feeds?.[name] ?? other.name,
      }),
    ),
    { type: 'human', on: people[declared.readers[0]!], notes: declared.serves ?? declared.question },
  ];
  return {
    id: declared.id,
    figure,
    declaredIn,
    name: declared.name,
    label: declared.label,
    summary: withBounds(declared.summary, bounds),
    priority: declared.priority,
    purpose: {
      question: declared.question,
      who: declared.readers,
      when: declared.moments ?? ['real-time', 'post-hoc'],
    },
    specification: {
      type: unit.type,
      units: unit.units,
      range: unit.range,
      precision: unit.precision,
      default: unit.default ?? null,
    },
    meaning: { formula: declared.formula ?? null, text: declared.meaning },
    thresholds: bounds ?? null,
    source: from.source,
    alsoFrom: from.also,
    transport: from.transport,
    schema: schemaOf(declared),
    ...({ document, path, ...(finding && { finding }) } as Location),
    example: declared.example,
    consumers: consumersOf(declared),
    tests: [...from.tests, ...(declared.tests ?? []), END_TO_END].map(testOf),
    dependencies: { upstream, downstream },
    history: declared.history ?? [],
    notes: declared.notes ?? [],
    ...(declared.quotes && { quotes: true as const }),
  };
}
