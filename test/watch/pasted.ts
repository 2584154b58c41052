/** Texts as people paste them, and what has to be in their answer. */
import { expect } from 'vitest';
import { type Answer, explainText } from '../../src/explain/index.ts';
import { otherAdvice } from './own-advice.ts';

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
  return answer;
}
