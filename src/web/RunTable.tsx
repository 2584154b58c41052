/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** The table of runs: a row a run, the name first, then any columns; a click on a heading sorts. */
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { age, connectionText, memoryFigure, type StyledText } from '../present/index.ts';
import type { ListResponse, RunRow } from '../serve/index.ts';
import { Link, Sparkline, StyledSpan } from './parts.tsx';
import { rowKeys } from './row-keys.ts';

type Shown = ListResponse['rows'][number];

/** A column whose cells are drawn, not written. */
interface Drawn {
  title: string;
  /** Of its cells; on a phone the place in the row's card. */
  class: string;
  cell: (run: RunRow, nowMs: number, text: string) => ComponentChildren;
}

const drawn: Readonly<Record<string, Drawn>> = {
  state: { title: 'State', class: 'state', cell: (run, nowMs) => <StateCell run={run} nowMs={nowMs} /> },
  verdict: { title: 'Verdict', class: 'verdict-cell', cell: run => <VerdictCell verdict={run.verdict} /> },
  mem: {
    title: 'Memory',
    class: 'memory-cell',
    cell: ({ memory }, _, text) => {
      const figure = memory && memoryFigure(memory);
      return figure ? (
        <StyledSpan value={figure} />
      ) : (
        <span class="dim">{text === '–' ? text : `[Mem:${text}]`}</span>
      );
    },
  },
  pressure: {
    title: 'Peak / budget',
    class: 'wide-only',
    cell: (run, _, text) =>
      run.sparkline.length > 0 ? (
        <Sparkline
          values={run.sparkline}
          label={`Peak against budget of ${run.name}, newest ${run.sparkline.length} readings`}
        />
      ) : (
        <span class="dim">{text}</span>
      ),
  },
  batch: {
    title: 'Progress',
    class: 'number batch-cell',
    cell: run => (
      <>
        {run.batch ?? '–'}
        {run.maxBatches !== null && <span class="dim">/{run.maxBatches}</span>}
      </>
    ),
  },
  return: { title: 'Return', class: 'number wide-only', cell: (_, __, text) => text },
  created: {
    title: 'Began',
    class: 'number wide-only dim',
    cell: (run, nowMs) => `${age(nowMs - run.createdMs)} ago`,
  },
};

/** What the list shows where the address does not have it. */
export const usualListColumns: readonly string[] = Object.keys(drawn);

export interface RunTableProps {
  list: ListResponse;
  nowMs: number;
  /** A column, after a minus from the highest down; null: the newest first. */
  sort: string | null;
  onSort: (sort: string | null) => void;
  onTag: (tag: string) => void;
  chosen: readonly string[];
  onChoose: (id: string) => void;
}

export function RunTable(props: RunTableProps) {
  const { list, sort, onSort } = props;
  const before = useRef<ReadonlyMap<string, number>>(new Map());
  const keys = useMemo(() => {
    before.current = rowKeys(
      list.rows.map(({ run }) => run.id),
      before.current,
    );
    return before.current;
  }, [list.rows]);
  const heading = (name: string, title: string, isDownFirst: boolean, className?: string) => {
    const [up, down] = [name, `-${name}`];
    const order = isDownFirst ? [down, up] : [up, down];
    const at = sort === null ? -1 : order.indexOf(sort);
    return (
      <th
        key={name}
        class={className}
        aria-sort={sort === up ? 'ascending' : sort === down ? 'descending' : undefined}
      >
        <button type="button" class="sort" onClick={() => onSort(order[at + 1] ?? null)}>
          {title}
          {sort === up ? ' ▲' : sort === down ? ' ▼' : ''}
        </button>
      </th>
    );
  };
  return (
    <div class="wide-table">
      <table class="runs run-list">
        <thead>
          <tr>
            <th>
              <span class="hidden">Compare</span>
            </th>
            {heading('name', 'Run', false)}
            {list.columns.map(({ name, isNumber }) =>
              heading(
                name,
                drawn[name]?.title ?? name.replace(/^config\./, ''),
                isNumber || name === 'batch' || name === 'created',
                drawn[name]?.class ?? (isNumber ? 'number' : undefined),
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {list.rows.map(row => (
            <Row key={keys.get(row.run.id)} {...props} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ list, row, nowMs, chosen, onChoose, onTag }: RunTableProps & { row: Shown }) {
  const { run, cells } = row;
  return (
    <tr>
      <td class="check">
        <input
          type="checkbox"
          checked={chosen.includes(run.id)}
          onChange={() => onChoose(run.id)}
          aria-label={`Compare ${run.name}`}
        />
      </td>
      <td class="name">
        <Link to={{ page: 'run', id: run.id }}>{run.name}</Link>
        <small class="dim">{[run.algorithm, run.task].filter(Boolean).join(' ') || run.id}</small>
        {(run.tags.length > 0 || run.archived) && (
          <span class="tags">
            {run.tags.map(tag => (
              <button key={tag} type="button" class="small" onClick={() => onTag(tag)}>
                {tag}
              </button>
            ))}
            {run.archived && <small class="dim">archived</small>}
          </span>
        )}
        {run.note && <small class="note">{run.note}</small>}
        {run.problem && <small class="tone-warning">{run.problem}</small>}
      </td>
      {list.columns.map(({ name, isNumber }, i) => {
        const own = drawn[name];
        const text = cells[i]!;
        if (own === undefined)
          return (
            <td
              key={name}
              class={`plain${isNumber ? ' number' : ''}`}
              data-label={name.replace(/^config\./, '')}
            >
              {text}
            </td>
          );
        return (
          <td key={name} class={own.class}>
            {own.cell(run, nowMs, text)}
          </td>
        );
      })}
    </tr>
  );
}

function StateCell({ run, nowMs }: { run: RunRow; nowMs: number }) {
  const state: StyledText = run.read ? connectionText(run, nowMs) : { text: '…', tone: 'dim' };
  const isLoud = run.level === 'warning' || run.level === 'critical';
  // Of a run that ended well its verdict is worth more than its last state; what the verdict has stands beside.
  const isOpen = run.state !== 'completed' && run.state !== 'interrupted' && run.state !== 'unknown';
  const reason = isLoud && isOpen && run.reason !== run.verdict?.reason ? run.reason : null;
  return (
    <>
      <StyledSpan value={state} />
      {reason && <small class={`tone-${run.level}`}>{reason}</small>}
    </>
  );
}

const VerdictCell = ({ verdict }: { verdict: RunRow['verdict'] }) =>
  verdict === null ? (
    <span class="dim">…</span>
  ) : (
    <>
      <StyledSpan value={verdict.headline} id="headline" />
      {verdict.kind !== 'unmeasured' && <small class="dim">{verdict.says}</small>}
    </>
  );
