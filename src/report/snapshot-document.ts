/** The account of a memory snapshot as a document: who held the memory, how it divides, when, what was refused, what changed. */
import { amount, count, GIB, signed, uncapitalised } from '../base/index.ts';
import { many, share } from '../present/index.ts';
import type { DeviceAccount, DeviceDifference, Holder, SnapshotAccount } from '../snapshots/index.ts';
import { countAxis, valueAxis } from './axis.ts';
import type { Document, DocumentBlock, Ink, Plot, PlotSeries, Section, Table } from './document.ts';

const MIB = 2 ** 20;
const LINES = 25;
const STACKS = 6;
const FRAMES = 12;

export interface SnapshotPage {
  name: string;
  version: string;
  /** The answer in a sentence. */
  says: string;
  next: readonly string[];
  /** When the states are, in words, one a device. */
  moment: (device: DeviceAccount) => string;
  /** What stood in the way of each refused request. */
  blocked: readonly string[];
}

export function snapshotDocument(
  account: SnapshotAccount,
  page: SnapshotPage,
  changes: readonly DeviceDifference[] | null,
): Document {
  const { devices, format, distinctStacks, unknownActions, hostSegments } = account;
  return {
    title: page.name,
    facts:
      changes !== null
        ? [`memory snapshots, ${format}`]
        : [
            `memory snapshot, ${format}`,
            many(devices.length, 'device'),
            many(
              devices.reduce((sum, { events }) => sum + events, 0),
              'event',
            ),
            many(distinctStacks - 1, 'distinct stack'),
            ...(hostSegments > 0
              ? [`${many(hostSegments, 'segment')} of pinned host memory, not shown`]
              : []),
            ...(unknownActions.length > 0 ? [`unknown actions: ${unknownActions.join(', ')}`] : []),
          ],
    verdict: { label: 'memory', tone: 'plain', says: page.says },
    sections: [
      ...(changes ?? []).map(change => changeSection(change)),
      ...devices.flatMap(device => deviceSections(device, page, devices.length > 1)),
      ...(page.blocked.length === 0
        ? []
        : [
            {
              title: 'Refused requests',
              blocks: [{ type: 'list', items: [...page.blocked] } as DocumentBlock],
            },
          ]),
      ...(page.next.length === 0
        ? []
        : [{ title: 'What to try', blocks: [{ type: 'list', items: [...page.next] } as DocumentBlock] }]),
    ],
    colophon: `esper ${page.version}`,
  };
}

/** Share of all from which a library's line within one has a row, and how many have. */
const WITHIN = 0.02;
const MOST_WITHIN = 6;

function holders(
  caption: string,
  head: string,
  all: readonly (Holder & { within?: Holder[] })[],
  total: number,
  most: number,
  withRules = false,
): Table {
  const shown = all.slice(0, most);
  const rest = all.slice(most);
  const row = (label: string, bytes: number, blocks: number, notes: readonly string[] = []) => ({
    cells: [
      label,
      amount(bytes),
      share(total === 0 ? 0 : bytes / total),
      count(blocks),
      ...(withRules ? [notes.join('; ')] : []),
    ],
    tone: 'plain' as const,
  });
  const sum = (of: 'bytes' | 'blocks') => rest.reduce((all, holder) => all + holder[of], 0);
  return {
    type: 'table',
    caption,
    head: [head, 'requested', 'share', 'blocks', ...(withRules ? ['rule'] : [])],
    rows: [
      ...shown.flatMap(({ label, bytes, blocks, notes, within = [] }) => [
        row(label, bytes, blocks, notes),
        ...within
          .filter(inner => inner.bytes >= WITHIN * total)
          .slice(0, MOST_WITHIN)
          .map(inner => ({ ...row(`· in ${inner.label}`, inner.bytes, inner.blocks), tone: 'dim' as const })),
      ]),
      ...(rest.length === 0 ? [] : [row(`${many(rest.length, 'other')}`, sum('bytes'), sum('blocks'))]),
      row(
        'sum',
        total,
        all.reduce((blocks, holder) => blocks + holder.blocks, 0),
      ),
    ],
  };
}

function deviceSections(device: DeviceAccount, { moment }: SnapshotPage, isNamed: boolean): Section[] {
  const { attribution, layout, contradictions, isExact } = device;
  const of = isNamed ? `${device.device}, ` : '';
  const when = moment(device);
  const total = attribution.totalBytes;
  const plot = plotOf(device);
  return [
    {
      title: `${of}${uncapitalised(when)}: by line`,
      blocks: [holders('by line', 'line', attribution.lines, total, LINES)],
    },
    {
      title: `${of}by category`,
      blocks: [holders('by category', 'category', attribution.categories, total, 20, true)],
    },
    { title: `${of}by file`, blocks: [holders('by file', 'file', attribution.files, total, 12)] },
    {
      title: `${of}what is reserved`,
      blocks: [
        {
          type: 'table',
          caption: 'what is reserved',
          head: ['', 'bytes', 'of reserved'],
          rows: (
            [
              ['requested', layout.requestedBytes],
              ['rounding', layout.roundingBytes],
              ['freed, awaited by a stream', layout.pendingBytes],
              ['stranded in partly used segments', layout.strandedBytes],
              ['releasable: whole free segments', layout.releasableBytes],
              ['free in expandable segments', layout.expandableFreeBytes],
              ['reserved', layout.reservedBytes],
            ] as const
          ).map(([label, bytes]) => ({
            cells: [
              label,
              amount(bytes),
              share(layout.reservedBytes === 0 ? 0 : bytes / layout.reservedBytes),
            ],
            tone: 'plain' as const,
          })),
        },
        {
          type: 'text',
          tone: 'dim',
          text: `${many(layout.freePieces, 'free piece')}, the largest ${amount(layout.largestFreeBytes)}.${isExact ? '' : ' Before the end, what a block takes is its request rounded up, with what the allocator does not split off.'}`,
        },
        ...contradictions.map((text): DocumentBlock => ({ type: 'text', tone: 'warning', text })),
      ],
    },
    ...(plot === null ? [] : [{ title: `${of}timeline`, blocks: [{ type: 'plot', plot } as DocumentBlock] }]),
    {
      title: `${of}by stack`,
      blocks: attribution.stacks
        .slice(0, STACKS)
        .flatMap(({ label, bytes, blocks, frames }): DocumentBlock[] => [
          { type: 'text', tone: 'plain', text: `${amount(bytes)} in ${many(blocks, 'block')}: ${label}` },
          ...(frames.length === 0
            ? []
            : [
                {
                  type: 'list' as const,
                  items: [
                    ...frames.slice(0, FRAMES),
                    ...(frames.length > FRAMES ? [`… ${frames.length - FRAMES} more`] : []),
                  ],
                },
              ]),
        ]),
    },
  ];
}

function changeSection({ device, lines, beforeBytes, afterBytes }: DeviceDifference): Section {
  return {
    title: `${device}: what changed by line`,
    blocks: [
      {
        type: 'table',
        caption: 'what changed by line',
        head: ['line', 'before', 'after', 'change', ''],
        rows: [
          ...lines.slice(0, LINES).map(({ label, beforeBytes: was, afterBytes: is, bytes, kind }) => ({
            cells: [label, amount(was), amount(is), signed(bytes), kind],
            tone: 'plain' as const,
          })),
          {
            cells: ['sum', amount(beforeBytes), amount(afterBytes), signed(afterBytes - beforeBytes), ''],
            tone: 'plain' as const,
          },
        ],
      },
    ],
  };
}

const INKS: readonly Ink[] = ['held', 'others', 'stranded', 'cache', 'free'];

/** What each of a few lines held, one upon the other. */
function stackedLines(
  { labels, points }: DeviceAccount['lineTimeline'],
  at: (bytes: number) => number,
): PlotSeries[] {
  return labels.map((name, line) => ({
    name,
    ink: INKS[line % INKS.length]!,
    shape: 'area',
    points: points.map(({ event, bytes }) => {
      const below = bytes.slice(0, line).reduce((sum, one) => sum + one, 0);
      return { x: event, y: at(below + bytes[line]!), low: at(below) };
    }),
  }));
}

function plotOf({ timeline, lineTimeline, peak, events }: DeviceAccount): Plot | null {
  if (timeline.length < 2) return null;
  const isLarge = Math.max(...timeline.map(({ reservedBytes }) => reservedBytes)) >= GIB;
  const unit = isLarge ? 'GiB' : 'MiB';
  const last = timeline.at(-1)!;
  const at = (bytes: number) => bytes / (isLarge ? GIB : MIB);
  return {
    title: `Memory by event, ${unit}`,
    says: `In use at most ${amount(peak.bytes)}, ${peak.event < 0 ? 'before the first event' : `after event ${count(peak.event)}`} of ${count(events)}.`,
    x: countAxis(0, Math.max(1, last.event), 'event'),
    y: valueAxis(
      unit,
      timeline.map(({ reservedBytes }) => at(reservedBytes)),
      { fromZero: true },
    ),
    series: [
      ...stackedLines(lineTimeline, at),
      {
        name: 'reserved',
        ink: 'reserved',
        shape: 'line',
        isMain: true,
        points: timeline.map(({ event, reservedBytes }) => ({ x: event, y: at(reservedBytes) })),
      },
    ],
    guides: [],
    marks: [],
    height: 'whole',
  };
}
