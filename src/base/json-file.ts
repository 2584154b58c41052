/** JSON that a person writes: what is broken in it, and its line. JSON.parse names a place in some of its messages only, and quotes whole lines in others. */

/** A mark, a string, a number or a word, with the white space in front. */
const TOKEN =
  /([ \t\n\r]*)(?:([{}[\],:])|("(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** What may follow, by letters: a value `v`, a key `k`, a mark itself. */
const AFTER_VALUE = ',}]';

/** Where the text stops being the start of a JSON document: at the first token that cannot stand there, or at its end. */
function faultAt(text: string): number {
  const open: string[] = [];
  let may = 'v{[';
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (token === null) return at + /^[ \t\n\r]*/.exec(text.slice(at))![0].length;
    const [, gap = '', mark, string] = token;
    const start = at + gap.length;
    if (mark === undefined) {
      if (may.includes('k') && string !== undefined) {
        may = ':';
        continue;
      }
      if (!may.includes('v')) return start;
      may = AFTER_VALUE;
      continue;
    }
    if (!may.includes(mark)) return start;
    if (mark === '{' || mark === '[') {
      open.push(mark);
      may = mark === '{' ? 'k}' : 'v{[]';
    } else if (mark === ':') may = 'v{[';
    else if (mark === ',') {
      if (open.length === 0) return start;
      may = open.at(-1) === '{' ? 'k' : 'v{[';
    } else {
      if (open.pop() !== (mark === '}' ? '{' : '[')) return start;
      may = AFTER_VALUE;
    }
  }
}

/**
 * The value of a JSON document; a byte order mark in front, as an editor of Windows writes it, is passed over.
 * @throws SyntaxError where it is none: `line 3: Unexpected token '}'`, one line without a full stop
 */
export function parseJsonFile(source: string): unknown {
  const text = source.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (error) {
    const what = (error as SyntaxError).message
      .replace(/,? (?:\.\.\.)?".*is not valid JSON$/s, '')
      .replace(/ in JSON at position \d+.*$/s, '');
    throw new SyntaxError(`line ${text.slice(0, faultAt(text)).split('\n').length}: ${what}`);
  }
}
