/** What stands on one line without being one: a bar that is drawn without a newline has the next program's words behind it. */
import { alike } from './by-shape.ts';

/** A bar of Lightning's whose length is not known, with words behind it: `Validation: |   | 0/? [00:00<?, ?it/s]`. */
const BEHIND_ENDLESS = /^(.{0,100}?\|[^|]{0,400}\| {0,4}\d{1,12}\/\? \[[^\]]{1,100}\])\s*([^\s\]].{2,})$/;
const BEHIND_BAR = /^(.{0,400}?%\|[^|]{0,400}\|[^[\]]{0,60}\[[^\]]{1,800}\])\s*([^\s\]].{2,})$/;
/** Without its picture, as in the cells of Colab and Kaggle: `Epoch 3:   0% 0/101 [00:00<?, ?it/s]`. */
const BEHIND_PLAIN =
  /^(.{0,400}?\d% \d{1,12}\/\d{1,12} \[\d[^\]]{0,800}(?:it\/s|s\/it)[^\]]{0,800}\])\s*([^\s\]].{2,})$/;
/** Bars of one epoch that were drawn without their end, one behind the other: `… throughput=19.00, Epoch 0:   3%|`. */
const NEXT_BAR = /, (?=Epoch \d{1,9}: {1,4}\d{1,3}%\|)/;
/** A bar that a page has put behind a report, on its line: `{'loss': 0.5, 'epoch': 0.1}  2%|▏         | 20/1000 [`. */
const BAR_BEHIND = /(?<=\}) {1,40}(?=(?:[A-Z][a-z]{1,12}: {0,4})?\d{1,3}%\|)/;
/** A shell's word for a signal behind the last figure of a line that had no end yet. */
const GLUED = /^(.{0,1000}[\d\])%])(Killed|Terminated|Segmentation fault \(core dumped\))$/;

/** The same in the words of other languages, which no letter parts from what a bar ends in. */
const GLUED_ELSEWHERE = /^(.{0,1000}[\d\])%s])(已杀死|已终止|段错误|强制终了|強制終了|죽었음)$/;

/** A traceback's head that was written over the beginning of a bar, whose end is still there. */
const OVER_BAR =
  /^(Traceback \(most recent call last\):)[^|[]{0,400}(\| {0,8}\d{1,12}\/\d{1,12} \[[^\]]{1,800}\])\s*$/;

/** Control characters as SageMaker and rsyslog show them: a carriage return, and what moves the cursor. */
const SHOWN_RETURN = '#015';
const SHOWN_MOVE = /#033\[[\d;]{0,12}[A-Za-z]/g;

/** Where a row of Keras is drawn over the one before: by the cursor that went back, or joined where a page has lost that. */
const ROWS = /[\b]{1,400}|\s(?=\d{1,12}\/\d{1,12} \[[=>.]{10,60}\] - )/;

/** A logger's time, and what it has in front: `INFO 2026-01-02 10:20:30 train.py:7 …`, `[2026-01-02 10:20:30,123] …`. */
const LOGGED = /^((?:\[|[A-Z]{4,8}[ :-]{1,3})?)(\d{4}-\d\d-)\d\d[ T]\d\d:\d\d:\d\d(\S{0,12}\s?.{0,4})/;
/** Characters that no message is shorter than, its time included. */
const SHORTEST = 30;

/** Lines of a logger that a page has joined into one, each with its time in front; null where it is one. */
function joinedLines(text: string): string[] | null {
  const [, before, month, behind] = LOGGED.exec(text) ?? [];
  if (before === undefined) return null;
  const stamp = before + month!;
  const shape = alike(behind!);
  const lines: string[] = [];
  let from = 0;
  for (let at = text.indexOf(stamp, SHORTEST); at !== -1; at = text.indexOf(stamp, at + SHORTEST)) {
    const own = text[at - 1] === ' ' ? LOGGED.exec(text.slice(at, at + 80)) : null;
    if (own === null || alike(own[3]!) !== shape) continue;
    lines.push(text.slice(from, at).trimEnd());
    from = at;
  }
  return lines.length === 0 ? null : [...lines, text.slice(from)];
}

/** The parts of a line's text, in order; most have one. @param mayHaveBars where it is short enough to look for them */
export function drawnParts(text: string, mayHaveBars: boolean): string[] {
  const joined = mayHaveBars && text.length > 2 * SHORTEST ? joinedLines(text) : null;
  if (joined !== null) return joined.flatMap(line => partsOf(line, true));
  if (mayHaveBars && text.includes('] - ') && text.indexOf('] - ') !== text.lastIndexOf('] - ')) {
    const rows = text.split(ROWS).filter(row => row.trim() !== '');
    if (rows.length > 1) return rows.flatMap(row => partsOf(row, true));
  }
  if (!mayHaveBars || !text.includes(SHOWN_RETURN)) return partsOf(text, mayHaveBars);
  const drawn = text.replace(SHOWN_MOVE, '').split(SHOWN_RETURN);
  return drawn.flatMap(part => (part.trim() === '' ? [] : partsOf(part.trimEnd(), mayHaveBars)));
}

function partsOf(text: string, mayHaveBars: boolean): string[] {
  const parts: string[] = [];
  let rest = text;
  if (mayHaveBars && text.includes(', Epoch ') && text.includes('%|')) {
    const bars = text.split(NEXT_BAR);
    if (bars.length > 1) return bars.flatMap(bar => partsOf(bar, true));
  }
  // Without a bar in front it may be of an evaluation, or have the total of several reports: their reader parts those.
  const first = mayHaveBars ? text.indexOf('%|') : -1;
  if (first !== -1 && first < text.indexOf('} ') && !text.includes("} {'")) {
    const halves = text.split(BAR_BEHIND);
    if (halves.length > 1) return halves.flatMap(half => partsOf(half, true));
  }
  const over = mayHaveBars && text.startsWith('Traceback') ? OVER_BAR.exec(text) : null;
  if (over !== null) return [`0%|${over[2]}`, over[1]!];
  if (mayHaveBars)
    for (let bar = barIn(rest); bar !== null; bar = barIn(rest)) {
      parts.push(bar[1]!);
      rest = bar[2]!;
    }
  const last = rest.at(-1);
  const glued =
    last === 'd' || last === ')'
      ? GLUED.exec(rest)
      : (last ?? '') > '\u3000'
        ? GLUED_ELSEWHERE.exec(rest)
        : null;
  if (glued === null) parts.push(rest);
  else parts.push(glued[1]!, glued[2]!);
  return parts;
}

function barIn(text: string): RegExpExecArray | null {
  if (!text.includes(']')) return null;
  if (text.includes('%|')) return BEHIND_BAR.exec(text);
  if (text.includes('/? [')) return BEHIND_ENDLESS.exec(text);
  return text.includes('it/s') || text.includes('s/it') ? BEHIND_PLAIN.exec(text) : null;
}
