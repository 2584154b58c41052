/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Figures that have no chart. */
import { hostValues, learnerValues, scaled } from '../present/index.ts';
import type { SlimSnapshot } from '../serve/index.ts';
import { FigureValue } from './parts.tsx';

export function OtherFigures({
  snapshot,
  rank,
  onMeaning,
}: {
  snapshot: Pick<SlimSnapshot, 'vitals'>;
  rank: SlimSnapshot['ranks'][number] | null;
  onMeaning: (name: string) => void;
}) {
  const plain: [string, string | null][] = [
    ['updates', rank ? scaled(rank.updates) : null],
    ['host', rank?.hostname ?? null],
    ['process', rank?.pid == null ? null : String(rank.pid)],
  ];
  return (
    <section class="panel" aria-label="Figures" data-region="figures">
      <h2>Figures</h2>
      <ul class="facts">
        {[...(rank ? learnerValues(rank) : []), ...hostValues(snapshot.vitals.host)].map(fact => (
          <li key={fact.label}>
            <FigureValue fact={fact} onMeaning={onMeaning} />
          </li>
        ))}
        {plain.map(
          ([label, text]) =>
            text !== null && (
              <li key={label}>
                <span class="dim">{label}</span> <b>{text}</b>
              </li>
            ),
        )}
      </ul>
    </section>
  );
}
