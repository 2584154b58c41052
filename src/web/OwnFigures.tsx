/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Figures of the trainer's own: which there are, and which of them are drawn. */
import type { ComponentChildren } from 'preact';
import { ownValue } from '../present/index.ts';
import type { SlimSnapshot } from '../serve/index.ts';
import { OWN_MOST, ownShown } from './charts.ts';
import { StyledSpan } from './parts.tsx';

interface OwnFiguresProps {
  rank: SlimSnapshot['ranks'][number];
  /** As the address has it; null where nobody chose. */
  chosen: readonly string[] | null;
  onChoose: (names: string[]) => void;
  /** The charts of those shown. */
  children: ComponentChildren;
}

export function OwnFigures({ rank, chosen, onChoose, children }: OwnFiguresProps) {
  const names = rank.own.map(({ name }) => name);
  if (names.length === 0) return null;
  const shown = ownShown(names, chosen);
  const toggle = (name: string) =>
    onChoose(shown.includes(name) ? shown.filter(other => other !== name) : [...shown, name]);
  return (
    <section aria-label="Own figures" data-region="own">
      <h2 class="own-title">
        Own figures <span class="dim">of this trainer</span>
      </h2>
      <div class="own-names" role="toolbar" aria-label="Own figures that are drawn">
        {rank.own.map(figure => {
          const { label, value } = ownValue(figure);
          const isShown = shown.includes(label);
          return (
            <button
              key={label}
              type="button"
              aria-pressed={isShown}
              disabled={!isShown && shown.length >= OWN_MOST}
              onClick={() => toggle(label)}
            >
              {label} <StyledSpan value={value} />
            </button>
          );
        })}
      </div>
      {rank.ownLeftOut > 0 && (
        <p class="dim">Figures of further names are in the log alone: {names.length} are kept.</p>
      )}
      <div class="charts">{children}</div>
    </section>
  );
}
