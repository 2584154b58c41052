/** The answer of `explain` as a page of a terminal: the answer first, then what it stands on. */
import { printable, shortened, wrap } from '../base/index.ts';
import type { Answer } from '../explain/index.ts';

const whose = { GPU: 'the GPU’s', host: 'the host’s' } as const;

/** @param width columns that a line may have; null for lines as long as they are, as a pipe takes them. */
export function answerPage(
  { what, whose: memory, place, says, evidence, next, confidence }: Answer,
  width: number | null,
): string {
  const set = (text: string, first = '', rest = first): string[] => {
    // A line of another program, as a screen takes it.
    const words = printable(shortened(text));
    const lines = width === null ? [words] : wrap(words, Math.max(20, width - rest.length));
    return lines.map((line, at) => (at === 0 ? first : rest) + line);
  };
  const list = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.flatMap(line => set(line, '  - ', '    '))];
  return [
    ...set(says),
    '',
    ...(memory === null ? [] : set(`Whose memory: ${whose[memory]} (${confidence}).`)),
    ...(place == null ? [] : set(place)),
    ...set(`Read as ${what}.`),
    ...list('What to try', next),
    ...list(
      'Evidence',
      evidence.filter(line => line !== place),
    ),
  ].join('\n');
}
