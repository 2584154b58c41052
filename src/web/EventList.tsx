/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** What happened, in words, newest first; the ranks' logs as one. */
import type { LogEntry } from '../contract/index.ts';
import { groupedEvents, listedRanks, timeOfDay } from '../present/index.ts';
import type { PageSnapshot } from '../serve/index.ts';

const SHOWN = 60;
const tones: Record<LogEntry['level'], string> = { info: 'plain', warning: 'warning', critical: 'critical' };
const marks: Record<LogEntry['level'], string> = { info: ' ', warning: '!', critical: '✗' };

export function EventList({ snapshot }: { snapshot: PageSnapshot }) {
  const many = snapshot.ranks.length > 1;
  const entries = groupedEvents(snapshot.ranks, SHOWN);
  return (
    <section class="panel" aria-label="Events" data-region="events">
      <h2>
        Events <span class="dim">newest first</span>
      </h2>
      {entries.length === 0 ? (
        <p class="dim">Nothing to report.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <ol class="events" tabIndex={0} aria-label="Events, newest first">
          {entries.map(entry => (
            <li key={entry.key} class={`tone-${tones[entry.level]}`}>
              <time class="dim">{timeOfDay(entry.timeMs, null)}</time>{' '}
              {many && <span class="dim">r{listedRanks(entry.ranks, 3)} </span>}
              {marks[entry.level]} {entry.message}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
