/** Trouble that goes on is reported when it begins, and not again each second. */

/** Kinds that are remembered; what is of another kind is not reported any more. */
const MOST_KINDS = 100;

/** @returns reports a sentence where nothing of its kind was reported before */
export function onceOfAKind(report: (sentence: string) => void): (kind: string, sentence: string) => void {
  const reported = new Set<string>();
  return (kind, sentence) => {
    if (reported.has(kind) || reported.size > MOST_KINDS) return;
    reported.add(kind);
    report(sentence);
  };
}
