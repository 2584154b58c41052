/** Weights that FSDP had no room to copy aside as it gathered a checkpoint: it warns of each, and goes on with what may be overwritten. */
import type { TextFinding } from '../analysis/index.ts';
import { many } from '../present/index.ts';

const NOT_COPIED = /Failed to clone\(\) tensor with name (\S{1,300}) on rank \d/g;

export function withFsdpCopies(finding: TextFinding, text: string): TextFinding {
  if (finding.kind !== 'full' && finding.kind !== 'fragmentation') return finding;
  const names = new Set([...text.matchAll(NOT_COPIED)].map(([, name]) => name!));
  const [first] = names;
  if (first === undefined) return finding;
  const which = names.size === 1 ? first : `${many(names.size, 'weight')} (${first} first)`;
  return {
    ...finding,
    says: `${finding.says} FSDP could not copy ${which} aside as it gathered the checkpoint, and went on without a copy: what was saved of it may be wrong.`,
  };
}
