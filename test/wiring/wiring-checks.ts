/** The stages between source and screen, each judged by what came out of it. */
import {
  type EventType,
  events,
  isUnknown,
  RunReport,
  SanctumSnapshot,
  type TelemetryEvent,
  type UnknownEvent,
} from '../../src/contract/index.ts';
import { type TelemetryRecord, valueAt } from '../../src/figures/index.ts';
import { code } from '../../src/figures/markdown.ts';
import type { Stage } from './checklist.ts';
import { NOW_MS } from './fixture.ts';
import type { Passage } from './path.ts';
import { regionOf } from './regions.ts';
import { hasField } from './schema-field.ts';
import { thresholds } from './threshold-check.ts';
import { type Evidence, type Finding, notRun, ok, type StageCheck, wrong } from './verify.ts';

type WiringStage = Extract<
  Stage,
  'emitter' | 'transport' | 'schema' | 'property' | 'consumer' | 'display' | 'thresholds'
>;

export const wiringChecks: Record<WiringStage, StageCheck> = {
  emitter,
  transport,
  schema,
  property,
  consumer,
  display,
  thresholds,
};

const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';

/** The newest event of a type. */
const newest = (all: readonly (TelemetryEvent | UnknownEvent)[], type: EventType) =>
  all.findLast(event => event.type === type && !isUnknown(event as TelemetryEvent));

/** What an event lacks of what the record claims it carries. */
function lacking(
  { transport: { fields, envelope = [] } }: TelemetryRecord,
  event: object | undefined,
): string | null {
  if (event === undefined) return 'the event itself';
  for (const field of fields) if (valueAt(event, `data.${field}`) == null) return field;
  for (const field of envelope) if (valueAt(event, field) == null) return field;
  return null;
}

/** Every source that measures the figure has really run, and its event carries what there was to find. */
function emitter({ record, measured, at }: Evidence): Finding {
  const { event, fields } = record.transport;
  for (const { symbol, ...source } of [record.source, ...(record.alsoFrom ?? [])]) {
    const { events: ran, given } = measured({ symbol, ...source });
    if (ran === null) {
      if (symbol === record.source.symbol) return notRun(`${code(symbol)} cannot run on this machine`);
      continue;
    }
    const found = newest(ran, event);
    const lacks = lacking(record, found);
    if (lacks !== null) return wrong(`${code(symbol)} ran, and ${event} lacks ${code(lacks)}`);
    for (const field of given === null ? [] : fields) {
      const [is, was] = [valueAt(found, `data.${field}`), valueAt(given, `${event}.${field}`)];
      if (was != null && is !== was)
        return wrong(`${code(symbol)} found ${code(field)} to be ${shown(was)} and emitted ${shown(is)}`);
    }
  }
  const lacks = lacking(record, newest(at(record.example).emitted, event));
  if (lacks !== null) return wrong(`${event} of the example lacks ${code(lacks)}`);
  return ok(`${code(record.source.symbol)} ran and measured it`);
}

/** The payload's schema has the field; what was emitted stands in the log file, and is read back equal. */
function transport({ record, at }: Evidence): Finding {
  const { emitted, read } = at(record.example);
  const { event, fields, envelope = [] } = record.transport;
  for (const field of fields)
    if (!hasField(events[event], field)) return wrong(`the payload of ${event} has no ${code(field)}`);
  const sent = newest(emitted, event);
  const got = newest(read.events, event);
  if (sent === undefined) return wrong(`no ${event} was emitted`);
  if (got === undefined) return wrong(`${event} is not in the log`);
  for (const path of [...fields.map(field => `data.${field}`), ...envelope]) {
    const [a, b] = [valueAt(sent, path), valueAt(got, path)];
    if (b === undefined || shown(a) !== shown(b))
      return wrong(`${code(path)} was emitted as ${shown(a)} and read from the log as ${shown(b)}`);
  }
  return ok(`${event} came through a log file on disk unchanged`);
}

/** What holds the record's figure, and what it is called. */
const holder = ({ document }: TelemetryRecord, passage: Passage): unknown =>
  document === 'report' ? passage.report() : passage.snapshot;
/** Its value: of a finding across ranks, that of the finding of its kind, and undefined where none is. */
function valueIn(record: TelemetryRecord, passage: Passage): unknown {
  if (record.finding === undefined) return valueAt(holder(record, passage), record.path);
  const acrossRanks = (passage.report().acrossRanks ?? []).filter(({ kind }) => kind === record.finding);
  return valueAt({ acrossRanks }, record.path);
}
const nameOf = ({ document }: TelemetryRecord): string => document ?? 'snapshot';

/** The schema of the snapshot, or of the report, has the field, and so has every one of them, measured or not. */
function schema({ record, bare, at }: Evidence): Finding {
  const name = nameOf(record);
  if (!hasField(record.document === 'report' ? RunReport : SanctumSnapshot, record.path))
    return wrong(`the schema of the ${name} has no ${code(record.path)}`);
  const passages = [['of the example', at(record.example)] as const];
  // What is found is there only where it is found.
  if (record.finding === undefined) passages.push(['where nothing is measured', bare()] as never);
  for (const [where, passage] of passages)
    if (valueIn(record, passage) === undefined)
      return wrong(`the ${name} ${where} has no ${code(record.path)}`);
  return ok(`${code(`${name}.${record.path}`)} exists`);
}

/** Figures that the view makes of what the snapshot holds, and lists, distinguished by the names in them. */
const readers: Record<string, (passage: Passage) => unknown> = {
  runtimeMs: ({ snapshot }) => NOW_MS - (snapshot.run.startedMs ?? Number.NaN),
  connectionAgeMs: ({ snapshot }) => NOW_MS - (snapshot.run.lastEventMs ?? Number.NaN),
  nonFinite: ({ snapshot }) => snapshot.tamiyo.ppo.nonFinite.join(', '),
  memoryAlarmDevices: ({ snapshot }) =>
    snapshot.vitals.memoryAlarmDevices.map(alarm => alarm.device).join(', '),
};
const read = (record: TelemetryRecord, passage: Passage): unknown =>
  (readers[record.figure] ?? (own => valueIn(record, own)))(passage);

/** A measured duration also contains what this machine took; what lies ahead is an estimate. */
const slacks: Record<string, number> = { telemetryMs: 0.004, forecastUpdates: 0.02, forecastMinutes: 0.02 };

/** Equal but for what a division adds. */
function agrees(record: TelemetryRecord, is: unknown, wanted: unknown): boolean {
  if (typeof is !== 'number' || typeof wanted !== 'number') return is === wanted;
  const slack = slacks[record.figure] ?? 1e-9;
  return Math.abs(is - wanted) <= slack * Math.max(1, Math.abs(wanted));
}

/** A value that the screen shows in another way than the example; null for that of the healthy run. */
function otherThan({ example, thresholds, consumers }: TelemetryRecord): number | null {
  if (typeof example !== 'number') return null;
  const judged = thresholds?.examples.find(
    ([value, , form]) => value !== example && form !== consumers[0]?.form,
  );
  if (judged) return judged[0];
  return Math.abs(example) < 1000 && Number.isInteger(example) ? example + 7 : example / 2;
}

/** Figures that any event brings about: nothing is measured only before the first. */
const byArrival = new Set([
  'batch',
  'step',
  'statusLevel',
  'runState',
  'runtimeMs',
  'connectionAgeMs',
  'telemetryMs',
]);

/** The snapshot has the value that went in, follows it, keeps what is out of range and marks it, and its default. */
function property({ record, empty, bare, at }: Evidence): Finding {
  const otherValue = otherThan(record);
  const { path, specification, figure } = record;
  for (const wanted of [record.example, otherValue]) {
    const is = read(record, at(wanted));
    if (wanted === null ? is === record.example : !agrees(record, is, wanted))
      return wrong(`${code(path)} is ${shown(is)} where ${shown(wanted ?? 'another value')} went in`);
  }

  const unmeasured = valueIn(record, byArrival.has(figure) ? empty() : bare()) ?? null;
  if (shown(unmeasured) !== shown(specification.default))
    return wrong(
      `${code(path)} is ${shown(unmeasured)} where nothing is measured, not ${shown(specification.default)}`,
    );

  const most = specification.range?.[1] ?? null;
  const flag = path.startsWith('tamiyo.infrastructure.') ? 'tamiyo.infrastructure.contradiction' : null;
  if (most !== null) {
    const beyond = at(most * 1.2);
    // Some sources cannot report such a thing, and some the wire refuses.
    const isReported =
      beyond.read.report.malformed === 0 &&
      lacking(record, newest(beyond.emitted, record.transport.event)) === null;
    const is = read(record, beyond);
    if (isReported && !agrees(record, is, most * 1.2))
      return wrong(`${most * 1.2} is out of range and became ${shown(is)}`);
    if (isReported && flag !== null && valueAt(beyond.snapshot, flag) === null)
      return wrong(`${most * 1.2} is out of range and ${code(flag)} does not mark it`);
  }
  return ok(
    `${shown(record.example)} went in and came out, ${shown(specification.default)} where nothing is measured` +
      (most === null ? '' : '; nothing is clamped'),
  );
}

/** Every consumer shows the example, and shows it no more when the figure has another value. */
function consumer({ record, at }: Evidence): Finding {
  const [example, other] = [at(record.example), at(otherThan(record))];
  for (const { widget, form } of record.consumers) {
    const region = regionOf(example.screens(), widget);
    if (region.text === '') return wrong(`${widget} is not on the screen`);
    if (!region.text.includes(form)) return wrong(`${widget} does not show the figure: no ${code(form)}`);
    if (regionOf(other.screens(), widget).text.includes(form))
      return wrong(`${widget} shows ${code(form)} whatever the value is`);
  }
  return ok(`seen in ${record.consumers.map(({ widget }) => widget).join(' and ')}, following the value`);
}

/** Each form stands once in its widget, and not where nothing is measured. */
function display({ record, at, bare, empty }: Evidence): Finding {
  const example = at(record.example);
  const unmeasured = byArrival.has(record.figure) ? empty() : bare();
  for (const { widget, form } of record.consumers) {
    if (!regionOf(example.screens(), widget).text.includes(form))
      return wrong(`${widget} lacks ${code(form)}`);
    if (regionOf(unmeasured.screens(), widget).text.includes(form))
      return wrong(`${widget} shows ${code(form)} where nothing is measured`);
  }
  return ok(`${record.consumers.map(({ widget, form }) => `${code(form)} in ${widget}`).join(', ')}`);
}
