/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** The configuration that runs were started with: all of one, or what differs between several. */
import { useEffect, useState } from 'preact/hooks';
import { configText } from '../report/index.ts';
import type { ConfigResponse } from '../serve/index.ts';
import { fetchJson } from './fetch-json.ts';

/** Null before the answer, and where there is none. */
function useConfig(ids: string): ConfigResponse | null {
  const [config, set] = useState<ConfigResponse | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    fetchJson<ConfigResponse>(`/api/config?${new URLSearchParams({ runs: ids })}`, stop.signal).then(
      set,
      () => {},
    );
    return () => stop.abort();
  }, [ids]);
  return config;
}

export function Configuration({ ids }: { ids: readonly string[] }) {
  const answer = useConfig(ids.join(','));
  const [isAll, setAll] = useState(false);
  if (answer === null) return null;
  const { runs } = answer;
  const keys = [...new Set(runs.flatMap(({ config }) => Object.keys(config)))].sort();
  const differing = keys.filter(key => new Set(runs.map(({ config }) => config[key])).size > 1);
  const shown = runs.length === 1 || isAll ? keys : differing;
  const only = runs.length === 1 ? runs[0]! : null;
  return (
    <details class="panel configuration" open={only === null} data-region="configuration">
      <summary>
        <h2>Configuration</h2>
        <span class="dim">
          {only === null ? `${differing.length} of ${keys.length} differ` : `${keys.length} recorded`}
        </span>
      </summary>
      {only?.command && (
        <p>
          <code>{only.command.join(' ')}</code>
        </p>
      )}
      {shown.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section class="wide-table" tabIndex={0} aria-label="Configuration by key">
          <table class="small">
            {only === null && (
              <thead>
                <tr>
                  <th>key</th>
                  {runs.map(({ id, name }) => (
                    <th key={id}>{name}</th>
                  ))}
                </tr>
              </thead>
            )}
            <tbody>
              {shown.map(key => (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  {runs.map(({ id, config }) => (
                    <td key={id}>{configText(config[key])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <p class="dim">{keys.length === 0 ? 'None is recorded.' : 'Nothing that is recorded differs.'}</p>
      )}
      {only === null && differing.length < keys.length && (
        <button type="button" aria-pressed={isAll} onClick={() => setAll(!isAll)}>
          What is equal too
        </button>
      )}
    </details>
  );
}
