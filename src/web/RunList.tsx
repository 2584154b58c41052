/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** All runs, newest first: how each is, in brief. */
import { useState } from 'preact/hooks';
import { age, connectionText, memoryFigure, type StyledText, short } from '../present/index.ts';
import type { RunRow } from '../serve/index.ts';
import { useNow, useRuns } from './fetch-json.ts';
import { Link, Sparkline, StyledSpan } from './parts.tsx';
import { go, type Route } from './route.ts';

/** Rows drawn at first; a thousand runs are listed all the same, on demand. */
const PAGE = 200;

export function RunListPage({ route }: { route: Route }) {
  const { runs, error } = useRuns();
  const now = useNow(1000);
  const [chosen, setChosen] = useState<string[]>([]);
  const [most, setMost] = useState(PAGE);
  const wanted = route.q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (run: RunRow) => {
    const text =
      `${run.id} ${run.name} ${run.task ?? ''} ${run.algorithm ?? ''} ${run.state} ${run.level} ${run.verdict?.headline.text ?? ''}`.toLowerCase();
    return wanted.every(word => text.includes(word));
  };
  const found = (runs ?? []).filter(fits);
  const live = (runs ?? []).filter(run => run.state === 'running').length;
  const choose = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter(other => other !== id) : [...chosen, id].slice(-5));
  return (
    <main>
      {error && (
        <p class="notice critical" role="alert">
          {error}
        </p>
      )}
      <div class="choices">
        <h1>Runs</h1>
        {runs && (
          <span class="dim" role="status">
            {found.length === runs.length ? runs.length : `${found.length} of ${runs.length}`}
            {live > 0 && ` · ${live} live`}
          </span>
        )}
        <input
          id="filter"
          type="search"
          placeholder="Filter: name, task, state, verdict  ( / )"
          aria-label="Filter runs"
          value={route.q}
          onInput={event => go({ ...route, q: event.currentTarget.value }, true)}
        />
        <button
          type="button"
          class="push"
          disabled={chosen.length < 2}
          onClick={() => go({ page: 'compare', runs: chosen })}
        >
          Compare {chosen.length > 1 ? `${chosen.length} runs` : '(choose 2–5)'}
        </button>
      </div>
      {runs === null ? (
        !error && (
          <p class="loading" role="status">
            Looking for runs…
          </p>
        )
      ) : runs.length === 0 ? (
        <div class="empty">
          <p>No runs in this folder yet.</p>
          <p>
            Start one: <code>npx esper demo</code>
          </p>
        </div>
      ) : found.length === 0 ? (
        <p class="empty">No run fits “{route.q}”.</p>
      ) : (
        <>
          <table class="runs run-list">
            <thead>
              <tr>
                <th>
                  <span class="hidden">Compare</span>
                </th>
                <th>Run</th>
                <th>State</th>
                <th>Verdict</th>
                <th>Memory</th>
                <th class="wide-only">Peak / budget</th>
                <th class="number">Batch</th>
                <th class="number wide-only">Return</th>
                <th class="number wide-only">Began</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, most).map(run => (
                <Row
                  key={run.id}
                  run={run}
                  nowMs={now}
                  chosen={chosen.includes(run.id)}
                  onChoose={() => choose(run.id)}
                />
              ))}
            </tbody>
          </table>
          {found.length > most && (
            <button type="button" onClick={() => setMost(most + 5 * PAGE)}>
              Show {Math.min(5 * PAGE, found.length - most)} more
            </button>
          )}
        </>
      )}
    </main>
  );
}

function Row({
  run,
  nowMs,
  chosen,
  onChoose,
}: {
  run: RunRow;
  nowMs: number;
  chosen: boolean;
  onChoose: () => void;
}) {
  const memory = run.memory && memoryFigure(run.memory);
  const state: StyledText = run.read
    ? connectionText(run.state, run.lastEventMs, nowMs)
    : { text: '…', tone: 'dim' };
  const isLoud = run.level === 'warning' || run.level === 'critical';
  // Of a run that ended well its verdict is worth more than its last state; what the verdict has stands beside.
  const isOpen = run.state !== 'completed' && run.state !== 'interrupted' && run.state !== 'unknown';
  const reason = isLoud && isOpen && run.reason !== run.verdict?.reason ? run.reason : null;
  return (
    <tr>
      <td class="check">
        <input type="checkbox" checked={chosen} onChange={onChoose} aria-label={`Compare ${run.name}`} />
      </td>
      <td class="name">
        <Link to={{ page: 'run', id: run.id }}>{run.name}</Link>
        <small class="dim">{[run.algorithm, run.task].filter(Boolean).join(' ') || run.id}</small>
        {run.problem && <small class="tone-warning">{run.problem}</small>}
      </td>
      <td class="state">
        <StyledSpan value={state} />
        {reason && <small class={`tone-${run.level}`}>{reason}</small>}
      </td>
      <td class="verdict-cell">
        <VerdictCell verdict={run.verdict} />
      </td>
      <td class="memory-cell">{memory ? <StyledSpan value={memory} /> : <span class="dim">–</span>}</td>
      <td class="wide-only">
        <Sparkline
          values={run.sparkline}
          label={`Peak against budget of ${run.name}, newest ${run.sparkline.length} readings`}
        />
      </td>
      <td class="number">
        {run.batch ?? '–'}
        {run.maxBatches !== null && <span class="dim">/{run.maxBatches}</span>}
      </td>
      <td class="number wide-only">{short(run.episodicReturn)}</td>
      <td class="number wide-only dim">{age(nowMs - run.createdMs)} ago</td>
    </tr>
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
