/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Memory at the two edges of each phase of the training step, newest first. */
import type { PhaseMemory } from '../contract/index.ts';
import { phaseValues } from '../present/index.ts';

const SHOWN = 12;

export function Phases({
  phases,
  onMeaning,
}: {
  phases: readonly PhaseMemory[];
  onMeaning: (record: string) => void;
}) {
  if (phases.length === 0) return null;
  const newest = [...phases].reverse();
  const meaning = (label: string, figure: string) => (
    <button type="button" class="meaning" title="What is this figure?" onClick={() => onMeaning(figure)}>
      {label}
    </button>
  );
  return (
    <section class="panel" aria-label="Phases" data-region="phases">
      <h2>
        Phases <span class="dim">newest first, GiB</span>
      </h2>
      <table class="small">
        <thead>
          <tr>
            <th>phase</th>
            <th class="wide-only">process</th>
            <th class="number">
              {meaning('before', 'phaseBeforeBytes')} → {meaning('after', 'phaseAfterBytes')}
            </th>
            <th class="number">{meaning('largest', 'phaseLargestBytes')}</th>
            <th class="number">{meaning('reserved', 'phaseReservedBytes')}</th>
          </tr>
        </thead>
        <tbody>
          {newest.slice(0, SHOWN).map(phase => {
            const facts = phaseValues(phase);
            const process = phase.worker ?? phase.device;
            return (
              <tr key={`${phase.phase} ${phase.role} ${process} ${phase.device}`}>
                <td>{facts.name}</td>
                <td class="wide-only dim">{process}</td>
                <td class="number">
                  {facts.before} → {facts.after} GiB
                </td>
                <td class="number">{facts.largest}</td>
                <td class="number">{facts.reserved}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {newest.length > SHOWN && <p class="dim">… {newest.length - SHOWN} more</p>}
    </section>
  );
}
