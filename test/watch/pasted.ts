/** Texts as people paste them, and what has to be in their answer. */
import { expect } from 'vitest';
import { type Answer, explainText } from '../../src/explain/index.ts';
import { otherAdvice } from './own-advice.ts';
import { factsIn, wrapped } from './wrapping.ts';

export interface Pasted {
  text: string;
  says: (string | RegExp)[];
  never?: (string | RegExp)[];
}

/** The answer has the words, and never others: by default in what is not the evidence, which quotes the text. */
export function expectAnswer({ text, says, never = [] }: Pasted, neverAnywhere = false): Answer {
  const answer = explainText(text, 'pasted', 2e12)!;
  const head = neverAnywhere ? [answer.what] : [];
  const whole = [...head, answer.says, ...answer.evidence, ...answer.next].join('\n');
  const own = [answer.says, ...answer.next].join('\n');
  for (const words of says) expect(whole).toMatch(words);
  for (const words of never) expect(neverAnywhere ? whole : own).not.toMatch(words);
  expect(otherAdvice(text, answer.next)).toEqual([]);
  if (
    answer.evidence.some(says => /^The text: (?:asked|total)/.test(says)) &&
    !answer.what.startsWith('a log')
  )
    for (const [way, copied] of wrapped(text, nextWidth())) expectSameFacts(text, copied, way);
  return answer;
}

/** Widths of terminals, another one for each text. */
let texts = 0;
const nextWidth = () => 60 + ((texts++ * 17) % 81);

/** A text that a terminal wrapped has the figures, the rank and the place that it had before. */
export function expectSameFacts(text: string, copied: string, way: string): void {
  const facts = (given: string) => factsIn(explainText(given, 'pasted', 2e12)?.evidence ?? []);
  expect({ way, facts: facts(copied) }).toEqual({ way, facts: facts(text) });
}
