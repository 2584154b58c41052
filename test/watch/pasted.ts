/** Texts as people paste them, and what has to be in their answer. */
import { expect } from 'vitest';
import { type Answer, explainText } from '../../src/explain/index.ts';
import { strangeIn } from './answer-figures.ts';
import { wrongIn } from './invention.ts';
import { randomOf } from './mangled.ts';
import { otherAdvice } from './own-advice.ts';
import { reportOfLog, type WatchedLog } from './report-of-log.ts';
import { factsIn, wrapped } from './wrapping.ts';

export interface Pasted {
  text: string;
  says: (string | RegExp)[];
  never?: (string | RegExp)[];
}

/** Parts of a text that are tried with each: before a cut and behind it. `ESPER_CUTS=1 npx vitest run test/watch/pasted` cuts at each character. */
const EVERY = Number(process.env.ESPER_CUTS ?? 0);

function* cutsOf(text: string): Generator<string> {
  // Another place in each text, the same in each run.
  const random = randomOf(text.length);
  const cuts = EVERY > 0 ? Math.floor(text.length / EVERY) : 1;
  for (let i = 0; i < cuts; i++) {
    const at = EVERY > 0 ? i * EVERY : Math.floor(random() * text.length);
    yield text.slice(0, at);
    yield text.slice(at);
  }
}

/** Figures of what is explained that its text does not have, with the text; explaining it does not throw. */
function strangeInAnswer(text: string): string[] {
  const answer = explainText(text, 'pasted', 2e12);
  return answer === null
    ? []
    : strangeIn(text, answer).map(strange => `${strange}: ${answer.says} (${text})`);
}

/** The answer has the words, and never others: by default in what is not the evidence, which quotes the text. */
export function expectAnswer({ text, says, never = [] }: Pasted, neverAnywhere = false): Answer {
  const answer = explainText(text, 'pasted', 2e12)!;
  expect(strangeIn(text, answer)).toEqual([]);
  for (const part of cutsOf(text)) expect(strangeInAnswer(part)).toEqual([]);
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
    for (const [way, copied] of wrapped(text, widthFor(text))) expectSameFacts(text, copied, way);
  return answer;
}

/** The width of a terminal, another one for nearly each text. */
const widthFor = (text: string) => 60 + ((text.length * 17) % 81);

/** A text that a terminal wrapped has the figures, the rank and the place that it had before. */
export function expectSameFacts(text: string, copied: string, way: string): void {
  const facts = (given: string) => factsIn(explainText(given, 'pasted', 2e12)?.evidence ?? []);
  expect({ way, facts: facts(copied) }).toEqual({ way, facts: facts(text) });
}

/** What `watch` makes of lines that a newline ends, none of its figures invented. */
export function watchedTruly(...lines: string[]): WatchedLog {
  const text = `${lines.join('\n')}\n`;
  expect(wrongIn(text)).toEqual([]);
  return reportOfLog(text);
}
