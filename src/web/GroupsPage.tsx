/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Groups of runs, each run one sample: by patterns, or one pattern as a sweep that is parted by configuration. */
import { useState } from 'preact/hooks';
import { go, type Route } from './route.ts';
import { WhatChanged } from './WhatChanged.tsx';

const figures = ['return', 'loss', 'peak', 'time', 'steps', 'lost'];

/** Words, those with spaces in quotes. */
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
const textOf = (words: readonly string[]): string =>
  words.map(word => (/\s/.test(word) ? `"${word}"` : word)).join(' ');

export function GroupsPage({ route }: { route: Route }) {
  const [groups, setGroups] = useState(textOf(route.groups));
  const [ignore, setIgnore] = useState(textOf(route.ignore));
  const set = (change: Partial<Route>) => go({ ...route, ...change });
  return (
    <main>
      <form
        class="choices"
        onSubmit={event => {
          event.preventDefault();
          set({ groups: wordsOf(groups), ignore: wordsOf(ignore) });
        }}
      >
        <h1>Compare groups</h1>
        <input
          type="search"
          aria-label="Groups: patterns of names, or conditions"
          title="A pattern for each group, as lr3e-4* lr3e-3*; conditions as tag=good tag=bad; one alone is a sweep"
          placeholder="lr3e-4* lr3e-3*, or one for a sweep"
          value={groups}
          onInput={event => setGroups(event.currentTarget.value)}
        />
        <input
          type="text"
          class="short"
          aria-label="Configuration that parts no runs of a sweep"
          title="Keys of the configuration that part no runs of a sweep, beside seeds"
          placeholder="ignore keys"
          value={ignore}
          onInput={event => setIgnore(event.currentTarget.value)}
        />
        <label>
          best by{' '}
          <select value={route.by ?? ''} onChange={event => set({ by: event.currentTarget.value || null })}>
            <option value="">what they report</option>
            {figures.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="submit">Compare</button>
      </form>
      {route.groups.length === 0 ? (
        <p class="empty">A pattern for each group, such as lr3e-4* lr3e-3*, or one pattern for a sweep.</p>
      ) : (
        <WhatChanged groups={route.groups} by={route.by} ignore={route.ignore} />
      )}
    </main>
  );
}
