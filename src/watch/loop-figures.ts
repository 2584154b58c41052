/** The figures of a line of a loop written by hand, by name: its pairs in any spelling, rates and times that have no name, memory of all that there is. */
import { byShape, byText, MatchesByShape, type TextSpans, textAt } from './by-shape.ts';
import type { Figures } from './figures.ts';
import { knownKeys, TRAINING_LOSS } from './known-keys.ts';
import { loopNames, memoryName } from './loop-names.ts';
import { type Printed, printedFigure } from './printed.ts';
import { isStepTime, spelledKey } from './spelled-keys.ts';

const NUMBER =
  '[-+]?(?:\\d{1,3}(?:,\\d{3}){1,5}|\\d{1,40})(?:\\.\\d{0,20})?(?:[eE][-+]?\\d{1,3})?|nan|NaN|-?inf';
/** What may stand behind a number and a space: a letter alone only where no word follows, in `5 G loss: 1.2` it is the generator's. */
const UNIT = '%|ms|s|[KMGT]i?[Bb]|[KMGT](?= ?(?:$|[,;|)\\]/]))';
const LETTER = '[KMGTk]';
/** `loss 4.1,` `lr: 1e-3 |` `loss=2.3`: a word, a number. */
const PAIR = new RegExp(
  `(?:^|[\\s,|;[(])((?:\\d{1,2}(?=[A-Za-z]\\w{0,20}=))?[A-Za-z][\\w/.@+-]{0,40}(?:\\((?:[GM]i?B|ms|s)\\)| loss| lr)?|[A-Z] Loss)(?: ?[:=] {0,8}| {1,4})(${NUMBER})(?: ?(${UNIT})|(${LETTER}))?(?=$|[\\s|;\\])>]|/(?!\\d{1,9}/\\d)|,(?!\\d)|:(?!\\d)|\\. )`,
  'dg',
);
const PAIRS = MatchesByShape.of(PAIR);
/** `max mem: 7890`, `iter time: 123.45 ms (step)`: several words, a colon; alone between bars, tabs, commas or wide spaces. */
const PART = new RegExp(
  `^(?:.{0,200}[\\])>] |.{0,200}- |(?:.{0,200} )?[A-Za-z]{1,20} \\d{1,12}: )?([A-Za-z][\\w /.()-]{0,40}?) ?[:=] {0,8}(${NUMBER})(?:(${LETTER})| ?(${UNIT}))?(?: ?\\([^()]{1,40}\\))?\\.?$`,
  'd',
);
const PARTS =
  /\t|\s[|;]\s|(?<=\d)\|{1,2}\s|\s\|\|\s|,\s|,(?=[A-Za-z])|(?<![:=\s])\s{2,}|(?<=\d|\bTraining)\.\s(?=[A-Z])|(?<=\d) s\.? (?=[A-Z])/g;
/** A longer part is a text. */
const LONGEST_PART = 260;
/** Those whose name has several words. */
const WORDY = new MatchesByShape([PARTS, PART], text =>
  placesBetween(text, PARTS).flatMap(([from, to]) => {
    const part = text.slice(from, to);
    const found = part.length > LONGEST_PART ? null : PART.exec(part.trim());
    if (found === null || !found[1]!.includes(' ')) return [];
    const start = from + part.length - part.trimStart().length;
    const spans = found.indices!.map(span => span && [start + span[0], start + span[1]]);
    return [spans as unknown as TextSpans];
  }),
);
/** `mem 41.2/79.2 GB`: in use now, or at the peak where its name has that word, of all that there is; `RAM` without the GPU’s is the host’s. */
const OF_TOTAL =
  /(?<!(?:cpu|host|sys|system)[ _])((?:\b(?:peak|max)[ _])?)(?:\b(?:vram|mem(?:ory)?|(?<!(?:peak|max)[ _])gpu)|(?<=gpu[ _])ram|(?<=(?:peak|max)_)mem(?:ory)?)[:= ]{1,3}(\d{1,9}(?:\.\d{1,6})?) ?([GM]i?B)? ?\/ ?(\d{1,9}(?:\.\d{1,6})?) ?([GM]i?B)\b/dgi;
const OF_TOTALS = MatchesByShape.of(OF_TOTAL);
const ofTotal = (
  _: string,
  peak: string,
  used: string,
  own: string | undefined,
  total: string,
  unit: string,
): string =>
  [peak === '' ? ', allocated=' : ', max_mem=', used, own ?? unit, ', device_total=', total, unit].join('');
/** `Accuracy: 9812/10000 (98.12%)`: of a count and its share, the share. */
const SHARE =
  /(?<=\b(?:acc(?:uracy)?|correct|precision|recall)[:= ]{1,3})\d{1,12} ?\/ ?\d{1,12} \((\d{1,3}(?:\.\d{1,6})?) ?%\)/gi;
/** `lr:(2.000e-04,)`: a tuple of one, as BasicSR prints its rates of learning. */
const ONE_ALONE = /\(([-+]?\d[\d.]{0,20}(?:e[-+]?\d{1,3})?),\)/g;
/** `RSS MEM USE: 5.11G`: what the process holds of the host's memory; it is no device's, and stays a figure of its own. */
const RSS = /\bRSS(?: mem(?:ory)?)?(?: used?)?[:= ]{1,3}(\d{1,6}(?:\.\d{1,6})?) ?([KMG]i?B?)\b/i;
/** A rate's share of each device, behind it. */
const PER_GPU = /\([\d.]{1,20}\/gpu\)/;
/** `(0.45 sec/step)`, as TensorFlow's slim prints a step's time. */
const STEP_TIME = byShape(/\((\d{1,6}\.\d{1,6}) sec\/step\)/);
/** `54,321 tok/s`, `113.4k tok/s`, `0.52 s/it`, `96.5 img/s`: what has its name behind it, and no value of its own there: `loss 2.4 tok/s 123`. */
const RATE =
  /(?<![\w.:=-])(\d{1,3}(?:,\d{3}){1,4}|\d{1,12}(?:\.\d{1,9})?)(?: ?([kM])(?= ?[a-z]{3,7}\/s))? ?((?:toks?|tokens?|samples?|examples?|imgs?|images?)\/s(?:ec)?|(?:it|iters?|steps?)\/s(?:ec)?|s\/(?:it|iter|step)|sec\/step|ms\/(?:it|iter|step))\b(?! ?[:=]| {1,4}[-+\d][\d.,e+-]{0,24}(?:$|[\s,|;]))/dgi;
const RATED = MatchesByShape.of(RATE);
/** llama2.c: `490 | loss 5.75 | lr 4.9e-05 | 8060.78ms | mfu 0.21%`, a time that has no name, between bars. */
const TIME_ALONE = /\| (\d{1,9}(?:\.\d{1,6})?) ?ms(?= \||\s{0,8}$)/;
const rateName = byText((rate: string): string => {
  const [of, per] = rate.toLowerCase().split('/') as [string, string];
  if (of === 's' || of === 'sec') return 'iter_time';
  if (of === 'ms') return 'time in ms';
  if (of.startsWith('tok')) return 'tok/sec';
  return /^(?:it|step)/.test(of) ? `${of}/${per}` : 'samples/sec';
});
/** What stands in front of `mem` where it is not the device's, or not what is in use. */
const OF_HOST = /(?:cpu|host|ram|sys|system|disk|swap|avail|available|free|total)[ _]?$/i;
/** The time of all that went before, and not of a step. */
const OF_ALL_BEFORE = /(?:\b(?:total|used|elapsed|wall|cumulative)[ _]?)$/i;
/** What environments give, and the word in front of it that it is no return of an episode without, or of which one. */
const GIVEN = /^(?:reward|return|score)s?$/i;
const OF_RETURN =
  /(?:^|[^A-Za-z])(best|max(?:imum)?|min(?:imum)?|highest|lowest|std|test|eval(?:uation)?|avg|average|mean)\.?$/i;
/** The words in front of any other name of one word, without which it is of something else: `Avg Accuracy 0.22`, `Avg Ep length 5.26`. */
const OF_STATISTIC =
  /(?:^|[^A-Za-z])((?:best|max(?:imum)?|min(?:imum)?|highest|lowest|std|avg|average|mean|median)(?: [A-Za-z]{1,12})?)\.?$/i;
/** Times in hours and minutes, a process's place among those that share a model, days, and places in a program's source. */
const NO_FIGURE =
  /^(?:eta|dp|pp|tp|cp|etp|of|in|is|are|was|were|line|mon|tue|wed|thu|fri|sat|sun)$|\..*\.|\.py$/i;
/** Of a date, with its day. */
const MONTH = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i;
const isMonth = byText((key: string) => MONTH.test(key));
const UNIT_IN_KEY = /^(.{1,40}?) ?\(([GM]i?B|ms)\)$/;
/** `tf=0.00lr=0.001`: two pairs with nothing between them. */
const GLUED = /=\d{1,9}\.\d{1,9}(?=[a-z_]{2,20}=\d)/g;
/** `Train: 3 [  50/300 (  4%)]`: the epoch of a phase, before the bracket of its batch. */
const EPOCH_OF_PHASE = /\bTrain(?:ing)?: {1,3}\d{1,9}(?= \[ {0,8}\d{1,12}\/\d)/i;
/** `Global-step 3 --Accept update with alpha=1.0`: what stands behind the dashes is no part of the step. */
const BEHIND_STEP = /(?<=\bstep \d{1,12}) --(?=[A-Za-z])/i;
/** A number between a key's words: `batch 6 loss`, `Episode 12 score`. */
const COUNT_IN_KEY =
  /^(?:(?:mini)?batch|iter(?:ation)?|step|epoch|episode|update|game) \d{1,12}(?: ?\/ ?\d{1,12})? | (?:in|at|for|of) (?:global )?(?:iter(?:ation)?|step|epoch|episode|update|game) \d{1,12}$/i;

/** Places between what the pattern finds. */
function placesBetween(text: string, pattern: RegExp): [from: number, to: number][] {
  const places: [number, number][] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    places.push([from, index]);
    from = index + found.length;
  }
  return [...places, [from, text.length]];
}

/** The phase in front of a loss, that is none of the training: `Val Loss: 2.3`, `(val G loss=0.5)`. */
const OF_PHASE = /(?:^|[^A-Za-z])((?:best )?(?:val(?:id(?:ation)?)?|test|eval(?:uation)?|dev))[ .]?$/i;

/** A name does not go beyond a sentence, as in `Finish training epoch 0. loss`; `Avg. reward` is an abbreviation. */
const SENTENCE = /^(?:.{12,60}[a-z]|.{0,60}\d)\. (?=[A-Za-z])/;

/** What a key is called, and its unit where it stands in the key. */
const nameOf = byText((key: string) => {
  const [, bare = key, within] = UNIT_IN_KEY.exec(key) ?? [];
  const isKnown = Object.hasOwn(loopNames, key) || Object.hasOwn(knownKeys, key);
  const own = (isKnown ? key : bare).replace(COUNT_IN_KEY, '').replace(isKnown ? '' : SENTENCE, '');
  const name = TRAINING_LOSS.test(own) ? 'loss' : own;
  return { name, within, isLoss: /^loss$/i.test(own) };
});
/** What may stand in front of a key as a part of it. */
const frontOf = byText((key: string) =>
  GIVEN.test(key) ? 'return' : /loss/i.test(key) || Object.hasOwn(loopNames, key) ? 'none' : 'statistic',
);
const isNoFigure = byText((key: string) => NO_FIGURE.test(key));

/** `reward 12.3 ± 4.5`: how far the values of a mean are apart, as a figure of its own. */
const APART =
  /([A-Za-z][A-Za-z_/]{0,40}(?: [A-Za-z_]{1,20})?)(?: ?[:=] {0,8}| {1,4})-?\d[\d.]{0,20}(?:e[-+]?\d{1,3})? ?(?:±|\+\/-) ?(\d{1,12}(?:\.\d{1,12})?(?:e[-+]?\d{1,3})?)/g;

/** The end of a sentence, and no decimals behind it. */
const OF_SENTENCE = byShape(/\d[.,]\s{0,4}$/);

export function loopFigures(line: string): Figures {
  // ParallelWaveGAN ends its lines as sentences, others with a comma.
  let whole = line.includes('%)') ? line.replace(SHARE, '$1%') : line;
  if (OF_TOTALS.in(whole).length > 0) whole = whole.replace(OF_TOTAL, ofTotal);
  if (whole.includes(' --')) whole = whole.replace(BEHIND_STEP, ', ');
  if (whole.includes(' [')) whole = whole.replace(EPOCH_OF_PHASE, '');
  if (whole.includes('=')) whole = whole.replace(GLUED, '$& ');
  if (whole.includes('/gpu)')) whole = whole.replace(PER_GPU, '');
  if (whole.includes(',)')) whole = whole.replace(ONE_ALONE, '$1');
  const text = OF_SENTENCE.test(whole) ? whole.replace(/[.,]\s{0,4}$/, '') : whole;
  const figures: Figures = new Map();
  /** Whether the loss that was read is called so, and nothing more: `LM Loss` beside it is a part. */
  let isWhole = false;
  const add = (key: string, value: string, behind: string | undefined) => {
    const { name: own, within, isLoss } = nameOf(key);
    const unit = behind ?? within;
    const name = (unit === 's' || unit === 'ms') && isStepTime(own) ? 'iter_time' : own;
    const united = unit === undefined ? value : `${value}${unit.replace(/b$/, 'B')}`;
    const read = printedFigure(
      unit !== undefined && Object.hasOwn(POWERS, unit) && isShortened(name)
        ? `${value}${POWERS[unit]}`
        : united,
    );
    if (read === null || !isOwnUnit(name, read) || (figures.has(name) && (!isLoss || isWhole))) return;
    isWhole ||= isLoss;
    figures.set(name, read);
  };
  const stepTime = STEP_TIME.exec(text)?.[1];
  if (stepTime !== undefined) add('time', stepTime, 's');
  const alone = text.includes('ms') ? TIME_ALONE.exec(text)?.[1] : undefined;
  if (alone !== undefined) add('time in ms', alone, undefined);
  for (const [, value, power, rate] of RATED.in(text)) {
    const of = power === undefined ? '' : POWERS[textAt(text, power)!];
    add(rateName(textAt(text, rate)!), textAt(text, value)!.replaceAll(',', '') + of, undefined);
  }
  const rss = text.includes('RSS') || text.includes('rss') ? RSS.exec(text) : null;
  if (rss !== null) figures.set(`RSS (${rss[2]})`, printedFigure(rss[1]!)!);
  const endings = new Set<string>();
  for (const [, ofKey, value, letter, unit] of WORDY.in(text)) {
    const key = textAt(text, ofKey)!;
    add(key, textAt(text, value)!, textAt(text, unit ?? letter));
    endings.add(key.slice(key.lastIndexOf(' ') + 1));
  }
  for (const [[index], ofKey, value, unit, letter] of PAIRS.in(text)) {
    const key = textAt(text, ofKey)!;
    const isOfHost = key === 'mem' && OF_HOST.test(text.slice(Math.max(0, index - 12), index));
    const isEnding = endings.has(key) && /[\w.)]/.test(text[index - 1] ?? '');
    // `Best Reward 184.5` among parts without a colon.
    const kind = frontOf(key);
    const front =
      kind === 'none'
        ? index > 2 && /[a-z.]/i.test(text[index - 1]!) && /loss$/i.test(key)
          ? OF_PHASE.exec(text.slice(Math.max(0, index - 18), index))?.[1]
          : undefined
        : kind === 'return'
          ? OF_RETURN.exec(text.slice(Math.max(0, index - 14), index))?.[1]
          : OF_STATISTIC.exec(text.slice(Math.max(0, index - 30), index))?.[1];
    const isOfAll = key === 'time' && OF_ALL_BEFORE.test(text.slice(Math.max(0, index - 12), index + 1));
    const isOfDate = isMonth(key) && !textAt(text, value)!.includes('.');
    if (!isEnding && !isNoFigure(key) && !isOfHost && !isOfAll && !isOfDate)
      add(front === undefined ? key : `${front} ${key}`, textAt(text, value)!, textAt(text, unit ?? letter));
  }
  if (text.includes('±') || text.includes('+/-'))
    for (const [, key, value] of text.matchAll(APART)) add(`${key} ±`, value!, undefined);
  return figures;
}

/** What nanotron shortens: `consumed_tokens: 85.8G | elapsed_time_per_iteration_ms: 11.5K`. */
const SHORTENED =
  /^(?:consumed_(?:tokens|samples)|tokens_per_sec(?:_per_gpu)?|elapsed_time_per_iteration_ms|tps|TPS)$/;
const isShortened = byText(
  (name: string) => SHORTENED.test(name) || /PerSecond$/.test(spelledKey(name)?.step ?? ''),
);
const POWERS: Readonly<Record<string, string>> = { k: 'e3', K: 'e3', M: 'e6', G: 'e9', T: 'e12' };
/** A number with K, M or G behind it is an amount of memory or a count that was shortened: only the first can be read. */
const isOwnUnit = (name: string, { unit }: Printed): boolean =>
  unit === undefined ||
  !/^[KMGT]/.test(unit) ||
  Object.hasOwn(loopNames, name) ||
  memoryName(name) !== undefined;
