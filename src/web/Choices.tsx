/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** What a run's page shows of it: rank, device, axis, range. */
import type { Counted } from '../present/index.ts';
import type { PageView } from '../serve/index.ts';
import { Link } from './parts.tsx';
import type { Route } from './route.ts';

interface ChoicesProps {
  route: Route;
  view: PageView;
  rank: number;
  device: string | null;
  devices: string[];
  /** What the numbers of updates count. */
  counted: Counted;
  set: (change: Partial<Route>) => void;
}

export function Choices({ route, view, rank, device, devices, counted, set }: ChoicesProps) {
  const { ranks } = view.snapshot;
  return (
    <div class="choices" role="toolbar" aria-label="View">
      {ranks.length > 1 && (
        <label>
          rank{' '}
          <select
            value={rank}
            onChange={event => set({ rank: Number(event.currentTarget.value), device: null })}
          >
            {ranks.map(r => (
              <option key={r.rank} value={r.rank}>
                {r.hostname === null ? r.rank : `${r.rank} on ${r.hostname}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {devices.length > 1 && (
        <label>
          device{' '}
          <select value={device ?? ''} onChange={event => set({ device: event.currentTarget.value })}>
            {devices.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <fieldset class="switch">
        <legend class="hidden">Horizontal axis</legend>
        {(['batch', 'time'] as const).map(x => (
          <button
            key={x}
            type="button"
            aria-pressed={route.x === x}
            onClick={() => set({ x, from: null, to: null })}
          >
            by {x === 'time' ? x : counted}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        disabled={route.from === null && route.to === null}
        onClick={() => set({ from: null, to: null })}
      >
        Show all (0)
      </button>
      <span class="dim hint">drag to zoom · shift-drag to pan · click for that moment · ? for keys</span>
      <Link to={{ page: 'compare', runs: [route.id], x: route.x }} class="push">
        Compare…
      </Link>
    </div>
  );
}
