/** An error that is known by its words: what it was, whether memory had a part in it, what to try. */
import { knownErrors } from './known-errors/index.ts';
import { type TextFinding, textFinding } from './text-finding.ts';

/** null for an error that is none of these. */
export function explainError(message: string): TextFinding | null {
  const lower = message.toLowerCase();
  const known = knownErrors.find(({ words }) => words.every(word => lower.includes(word)));
  if (known === undefined) return null;
  const { says, next, confidence = 'certain', named, kind = 'not memory', mark } = known;
  const found = named?.pattern.exec(message);
  const name = found?.slice(1).find(group => group !== undefined);
  const evidence = named === undefined || name === undefined ? [] : [`${named.says} ${name}.`];
  return textFinding({ kind, says, next: [...next], evidence, confidence, mark });
}
