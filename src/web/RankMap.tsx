/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/**
 * All ranks over the run: a row a rank, a column a block of updates, the colour its pressure; below it how far the ranks' peaks are
 * apart. Sorted by node, or the worst first; a click leads to the rank.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { count, gib } from '../base/index.ts';
import type { RankFinding } from '../contract/index.ts';
import { type Counted, countedRange } from '../present/index.ts';
import type { RanksResponse } from '../serve/index.ts';
import { fetchJson } from './fetch-json.ts';

/** Of many ranks it takes the server and the page their time. */
const AGAIN_MS = 2000;
const AGAIN_EACH_MS = 8;

/** Of up to so many ranks the page's choice of ranks is enough. */
const FEW = 8;

/** The table of a run's ranks, asked for again while the run goes on; null before the first, and of a run of few. */
export function useRanks(id: string, ranks: number, events: number): RanksResponse | null {
  const [table, set] = useState<RanksResponse | null>(null);
  const asked = useRef({ id: '', events: -1, atMs: 0 });
  useEffect(() => {
    if (ranks <= FEW || (asked.current.id === id && asked.current.events === events)) return;
    const waitMs =
      asked.current.id === id
        ? asked.current.atMs + Math.max(AGAIN_MS, AGAIN_EACH_MS * ranks) - performance.now()
        : 0;
    const timer = setTimeout(
      () => {
        asked.current = { id, events, atMs: performance.now() };
        // The page shows that the server is away; the next event asks again.
        fetchJson<RanksResponse>(`/api/runs/${encodeURIComponent(id)}/ranks`).then(set, () => {});
      },
      Math.max(0, waitMs),
    );
    return () => clearTimeout(timer);
  }, [id, ranks, events]);
  return ranks <= FEW ? null : table;
}

/** Blue where there is room, through orange to vermilion at the budget; the page's own colours, which differ to every kind of eye. */
const STOPS: readonly [at: number, rgb: readonly [number, number, number]][] = [
  [0, [38, 84, 124]],
  [0.5, [86, 180, 233]],
  [0.8, [230, 159, 0]],
  [1, [213, 60, 0]],
];

function colorOf(pressure: number): readonly [number, number, number] {
  const at = Math.max(0, Math.min(1, pressure));
  const i = Math.max(
    1,
    STOPS.findIndex(([stop]) => stop >= at),
  );
  const [[from, a], [to, b]] = [STOPS[i - 1]!, STOPS[i]!];
  const part = (at - from) / (to - from);
  return [0, 1, 2].map(c => Math.round(a[c]! + part * (b[c]! - a[c]!))) as [number, number, number];
}

type Order = 'node' | 'severity';

/** Rows of the table in the order in which they are drawn. */
function rowsIn(
  order: Order,
  table: RanksResponse,
  findings: readonly RankFinding[],
  worst: number | null,
): number[] {
  const { ranks } = table;
  const rows = ranks.map((_, row) => row);
  if (order === 'node') {
    // Ranks may be dealt to the nodes in turn: a node stands where its first rank does.
    const first = new Map<string | null, number>();
    for (const [row, { host }] of ranks.entries()) if (!first.has(host)) first.set(host, row);
    return rows.sort((a, b) => first.get(ranks[a]!.host)! - first.get(ranks[b]!.host)! || a - b);
  }
  const found = new Map(
    findings.flatMap(({ ranks }, i) => ranks.map((rank): [number, number] => [rank, i])).reverse(),
  );
  const weight = (row: number) => {
    const { rank } = ranks[row]!;
    const newest = newestOf(table, row) ?? 0;
    return (rank === worst ? 1000 : 0) + (found.has(rank) ? 100 - found.get(rank)! : 0) + newest;
  };
  return rows.sort((a, b) => weight(b) - weight(a) || a - b);
}

/** Rows that are drawn at most: each is a pixel high at least. */
const DRAWN = 128;

/** The drawn rows: of thousands of ranks several that follow each other are in one, and the worst of them shows. */
export function drawnRows(rows: readonly number[]): number[][] {
  // A power of two, as the ranks of a node are.
  const each = 2 ** Math.ceil(Math.log2(Math.max(1, rows.length / DRAWN)));
  return Array.from({ length: Math.ceil(rows.length / each) }, (_, i) =>
    rows.slice(i * each, (i + 1) * each),
  );
}

/** Of each block the highest pressure of these rows; null where none was measured. */
export const highestOf = ({ pressure, batches }: RanksResponse, rows: readonly number[]): (number | null)[] =>
  batches.map((_, block) =>
    rows.reduce<number | null>((most, row) => {
      const value = pressure[row]![block] ?? null;
      return most === null || (value !== null && value > most) ? value : most;
    }, null),
  );

const newestOf = ({ pressure }: RanksResponse, row: number): number | null =>
  pressure[row]!.findLast(value => value !== null) ?? null;

/** The one of these rows whose newest pressure is highest. */
const worstOf = (table: RanksResponse, rows: readonly number[]): number =>
  rows.reduce((worst, row) => ((newestOf(table, row) ?? -1) > (newestOf(table, worst) ?? -1) ? row : worst));

export interface RankMapProps {
  table: RanksResponse;
  findings: readonly RankFinding[];
  /** The rank that the page shows, and that of the verdict. */
  shown: number;
  worst: number | null;
  counted: Counted;
  onRank: (rank: number) => void;
}

export function RankMap({ table, findings, shown, worst, counted, onRank }: RankMapProps) {
  const [order, setOrder] = useState<Order>('node');
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = useMemo(
    () => drawnRows(rowsIn(order, table, findings, worst)),
    [order, table, findings, worst],
  );
  useEffect(() => draw(canvas.current!, table, rows), [table, rows]);
  const nodes = new Set(table.ranks.map(({ host }) => host).filter(host => host !== null)).size;
  const worstRanks = [...new Set([...(worst === null ? [] : [worst]), ...findings.map(({ rank }) => rank)])];
  const placeOf = (event: MouseEvent): number | null => {
    const box = canvas.current!.getBoundingClientRect();
    const drawn = rows[Math.floor(((event.clientY - box.top) / box.height) * rows.length)];
    return drawn === undefined ? null : worstOf(table, drawn);
  };
  return (
    <section class="panel ranks" aria-label="Ranks" data-region="ranks">
      <header>
        <h2>
          Ranks{' '}
          <span class="dim">
            {count(table.ranks.length)}
            {nodes > 1 && ` on ${count(nodes)} nodes`}
            {rows[0] !== undefined && rows[0].length > 1 && `, ${rows[0].length} in a row`}, pressure over{' '}
            {countedRange(counted, table.batches[0] ?? 0, (table.batches.at(-1) ?? 0) + table.span - 1)}
          </span>
        </h2>
        <fieldset class="switch">
          <legend class="hidden">Order of the ranks</legend>
          {(['node', 'severity'] as const).map(name => (
            <button key={name} type="button" aria-pressed={order === name} onClick={() => setOrder(name)}>
              by {name}
            </button>
          ))}
        </fieldset>
      </header>
      <canvas
        ref={canvas}
        class="rank-map"
        role="img"
        aria-label={`Pressure of ${table.ranks.length} ranks over time; the worst are listed below`}
        title="Click for the rank, the worst of those in a row"
        onClick={event => {
          const row = placeOf(event);
          if (row !== null) onRank(table.ranks[row]!.rank);
        }}
        onMouseMove={event => {
          const row = placeOf(event);
          if (row === null) return;
          const { rank, host } = table.ranks[row]!;
          const newest = newestOf(table, row);
          canvas.current!.title = `rank ${rank}${host === null ? '' : ` on ${host}`}: pressure ${newest?.toFixed(2) ?? '–'}`;
        }}
      />
      <ul class="figures">
        <li class="dim">shown: rank {shown}</li>
        {worstRanks.map(rank => (
          <li key={rank}>
            <button type="button" class="small" onClick={() => onRank(rank)}>
              rank {rank}
            </button>{' '}
            {findings
              .filter(finding => finding.rank === rank)
              .map(({ kind, short, level, says }) => (
                <span key={kind} class={level === 'info' ? 'dim' : `tone-${level}`} title={says}>
                  {short.replace(`rank ${rank} `, '')}{' '}
                </span>
              ))}
          </li>
        ))}
      </ul>
      <Skew table={table} />
    </section>
  );
}

/** One pixel a cell, scaled by the browser: 128 rows of 128 blocks are 16,384 of them. */
function draw(canvas: HTMLCanvasElement, table: RanksResponse, rows: readonly number[][]): void {
  const [width, height] = [Math.max(1, table.batches.length), Math.max(1, rows.length)];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(width, height);
  rows.forEach((drawn, y) => {
    const highest = highestOf(table, drawn);
    for (let x = 0; x < width; x++) {
      const value = highest[x] ?? null;
      if (value === null) continue;
      const [r, g, b] = colorOf(value);
      image.data.set([r, g, b, 255], 4 * (y * width + x));
    }
  });
  context.putImageData(image, 0, 0);
}

/** The median of the ranks' peaks, and the range of all of them. */
function Skew({ table: { peakBytes, batches } }: { table: RanksResponse }) {
  const { low, median, high } = peakBytes;
  const most = Math.max(...high.map(value => value ?? 0));
  if (!(most > 0)) return null;
  const [width, height] = [1000, 60];
  const x = (i: number) => ((i * width) / Math.max(1, batches.length - 1)).toFixed(1);
  const y = (bytes: number) => (height - (bytes / most) * (height - 2)).toFixed(1);
  const known = batches.map((_, i) => i).filter(i => high[i] !== null);
  const line = (values: readonly (number | null)[]) =>
    known.map((i, n) => `${n === 0 ? 'M' : 'L'}${x(i)} ${y(values[i]!)}`).join('');
  const area = `${line(high)}${[...known]
    .reverse()
    .map(i => `L${x(i)} ${y(low[i]!)}`)
    .join('')}Z`;
  const last = known.at(-1)!;
  const apart = high[last]! - median[last]!;
  return (
    <figure class="rank-skew">
      <figcaption class="dim">
        peaks of the ranks: median {gib(median[last]!)} GiB, highest {gib(apart)} GiB above it, lowest{' '}
        {gib(median[last]! - low[last]!)} GiB below
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width="100%"
        height={height}
        preserveAspectRatio="none"
        role="img"
        aria-label="Median and range of the ranks’ peaks"
      >
        <path class="area" d={area} />
        <path class="line" d={line(median)} />
      </svg>
    </figure>
  );
}
