/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** All runs: filtered, sorted, in any columns, as the address has it. */
import { useMemo, useRef, useState } from 'preact/hooks';
import { ColumnChoice } from './ColumnChoice.tsx';
import { useNow } from './fetch-json.ts';
import { Link } from './parts.tsx';
import { RunTable, usualListColumns } from './RunTable.tsx';
import { go, MOST_COMPARED, type Route } from './route.ts';
import { useList } from './use-list.ts';

/** Rows drawn at first; thousands are listed all the same, on demand. */
const PAGE = 50;
const MORE = 500;

export function RunListPage({ route }: { route: Route }) {
  const now = useNow(1000);
  const [most, setMost] = useState(PAGE);
  const [isChoosing, setChoosing] = useState(false);
  const columns = route.columns ?? usualListColumns;
  const query = new URLSearchParams({ columns: columns.join(','), count: String(most) });
  if (route.q !== '') query.set('filter', route.q);
  if (route.sort !== null) query.set('sort', route.sort);
  if (route.all) query.set('all', '1');
  const { list, error } = useList(query);
  const newest = useRef(route);
  newest.current = route;
  const set = (change: Partial<Route>) => go({ ...newest.current, ...change }, true);
  const chosen = route.runs;
  const choose = (id: string) => {
    const { runs } = newest.current;
    set({
      runs: runs.includes(id) ? runs.filter(other => other !== id) : [...runs, id].slice(-MOST_COMPARED),
    });
  };
  const isFiltered = route.q !== '';
  // A letter in the filter draws no row until its answer is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done at a click reads the newest address.
  const table = useMemo(
    () =>
      list && (
        <RunTable
          {...{ list, chosen }}
          nowMs={now}
          sort={route.sort}
          onSort={sort => set({ sort })}
          onTag={tag => set({ q: `tag=${tag}` })}
          onChoose={choose}
        />
      ),
    [list, now, route.sort, chosen.join()],
  );
  return (
    <main>
      {error && (
        <p class={`notice ${isFiltered ? 'warning' : 'critical'}`} role="alert">
          {error}
        </p>
      )}
      <div class="choices">
        <h1>Runs</h1>
        {list && (
          <span class="dim" role="status">
            {list.found === list.total ? list.total : `${list.found} of ${list.total}`}
            {list.live > 0 && ` · ${list.live} live`}
            {list.unread > 0 && ` · ${list.unread} logs to be read`}
          </span>
        )}
        <input
          id="filter"
          type="search"
          placeholder="verdict=leak peak>20GiB, or words  ( / )"
          title="Conditions as in “esper runs --filter”, and words: verdict=leak peak>20GiB config.lr<1e-3 tag=good sweep"
          aria-label="Filter runs"
          value={route.q}
          onInput={event => set({ q: event.currentTarget.value })}
        />
        <button type="button" onClick={() => setChoosing(true)}>
          Columns
        </button>
        {list !== null && (list.archived > 0 || route.all) && (
          <label class="dim">
            <input type="checkbox" checked={route.all} onChange={() => set({ all: !route.all })} /> archived
          </label>
        )}
        <span class="push choices">
          <Link to={{ page: 'groups', groups: isFiltered && error === null ? [route.q] : [] }}>
            Compare groups…
          </Link>
          <button
            type="button"
            disabled={chosen.length < 2}
            onClick={() => go({ page: 'compare', runs: chosen })}
          >
            Compare {chosen.length > 1 ? `${chosen.length} runs` : '(choose 2–5)'}
          </button>
        </span>
      </div>
      {list === null ? (
        !error && (
          <p class="loading" role="status">
            Looking for runs…
          </p>
        )
      ) : list.total === 0 && list.archived === 0 ? (
        <div class="empty">
          <p>No runs in this folder yet.</p>
          <p>
            Start one: <code>npx esper demo</code>
          </p>
        </div>
      ) : list.found === 0 ? (
        <p class="empty">{isFiltered ? `No run fits “${route.q}”.` : 'All runs are archived.'}</p>
      ) : (
        <>
          {table}
          {list.found > list.rows.length && (
            <button type="button" onClick={() => setMost(most + MORE)}>
              Show {Math.min(MORE, list.found - list.rows.length)} more
            </button>
          )}
        </>
      )}
      {isChoosing && (
        <ColumnChoice
          chosen={columns}
          onChoose={names => set({ columns: names })}
          onClose={() => setChoosing(false)}
        />
      )}
    </main>
  );
}
