/**
 * Lines of `key: value` pairs in their many spellings → figures. Every reader here takes time linear in the line; none
 * is a regular expression over the whole of it.
 */

/** A pair as it stands. */
export interface Pair {
  key: string;
  value: string;
}

/** One of a line that may be cut: the last pair, which nothing follows, may be cut itself. */
export interface SpacedPair extends Pair {
  followed: boolean;
}

/** `loss: 7.6  grad_norm: 1.2  tps: 455,760` or `loss:7.6 lr:2e-05`: pairs in words that white space parts. */
export function spacedPairs(text: string): SpacedPair[] {
  const words = text.split(' ').filter(word => word !== '');
  const endsOpen = text !== '' && !/\s$/.test(text.slice(-1));
  const pairs: SpacedPair[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const colon = word.indexOf(':');
    if (colon < 1) continue;
    const isKey = colon === word.length - 1;
    if (isKey && i + 1 >= words.length) break;
    const value = isKey ? words[++i]! : word.slice(colon + 1);
    pairs.push({ key: word.slice(0, colon), value, followed: i < words.length - 1 || !endsOpen });
  }
  return pairs;
}

/** `global_step=3442, episodic_return=15.5`: pairs that commas part. */
export const equalsPairs = (text: string): Pair[] => partedPairs(text, ',', '=');

/** `lr: 3.9e-04  eta: 5 days, 16:43:34  loss: 2.1`: pairs that two spaces, a tab or a comma part. */
export function widePairs(text: string): Pair[] {
  return pairsOf(
    text.split('\t').flatMap(cell => cell.split('  ').flatMap(part => part.split(', '))),
    ': ',
  );
}

/** The same where a page has made one space of several: no key has any. */
export const loosePairs = (text: string): Pair[] =>
  widePairs(text.replace(/(?<=[^\s,]) (?=[A-Za-z_][\w./-]{0,60}: )/g, '  '));

/** `lm loss: 2.37E+00 | loss scale: 1.0 |`: pairs that `between` parts, key and value `after` another. */
export function partedPairs(text: string, between: string, after = ':'): Pair[] {
  return pairsOf(text.split(between), after);
}

/** `Mean reward: -23.12`, alone on its line; null where it is no pair. */
export function pairIn(text: string, after = ':'): Pair | null {
  return pairsOf([text], after)[0] ?? null;
}

function pairsOf(parts: string[], after: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of parts) {
    const at = part.indexOf(after);
    if (at < 1) continue;
    const key = part.slice(0, at).trim();
    if (key !== '') pairs.push({ key, value: part.slice(at + after.length).trim() });
  }
  return pairs;
}
