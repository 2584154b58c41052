/**
 * A run's judgement in one line, in forms from the longest to one that fits 40 columns. What is worse than the verdict stands
 * before it: an alarm, figures that cannot be true, a learner whose figures are critical.
 */
import { amount, columns, count, cut, printable } from '../base/index.ts';
import type { Finding, GuiltyLine, StatusLevel, VerdictKind } from '../contract/index.ts';
import { interval, many, minutes } from './amounts.ts';
import { countedNumber } from './counted.ts';
import { isCause, type RunJudgement } from './judgement.ts';
import { levelTone, type StyledText } from './styled-text.ts';

/** Of each kind, its name and one for a line with little room. */
export const verdictNames: Record<VerdictKind, [string, string]> = {
  leak: ['leak', 'leak'],
  growth: ['growth', 'growth'],
  spike: ['spike', 'spike'],
  fragmentation: ['fragmentation', 'fragm.'],
  neighbour: ['neighbour', 'neighb.'],
  'cache starvation': ['cache starvation', 'starv.'],
  'allocator configuration': ['allocator configuration', 'conf.'],
  'process limit': ['process limit', 'limit'],
  'refused though free': ['refused though free', 'refused'],
  full: ['device full', 'full'],
  'host memory': ['host memory', 'host'],
  'not memory': ['not memory', 'no mem.'],
  steady: ['steady', 'steady'],
  unmeasured: ['memory not measured', 'not measured'],
};

/** Of a device whose memory was read, with too little for a verdict. */
const NO_VERDICT: [string, string] = ['no verdict on memory', 'no verdict'];

/** What a finding is, in a word: memory that was read is not called unmeasured. */
export const findingName = ({ kind, isRead = false }: Pick<Finding, 'kind' | 'isRead'>): string =>
  isRead ? 'no verdict' : kind;

const marks: Record<StatusLevel, string> = { ok: '✓', warmup: '~', warning: '!', critical: '✗' };

/** How the run ended, longest first; none while it runs, and where it ended as planned. */
function endings({ state, failure, updates, counted }: RunJudgement): string[] {
  if (state === 'gone' && updates === null) return ['ended unexpectedly', 'gone'];
  if (state === 'gone')
    return [`ended unexpectedly after ${many(updates ?? 0, 'update')}`, 'ended unexpectedly', 'gone'];
  if (state === 'failed' && failure !== null) {
    const what = failure.isOutOfMemory ? 'out of memory' : `failed: ${failure.errorType}`;
    const brief = failure.isOutOfMemory ? 'OOM' : 'failed';
    const at = failure.batch === null ? '' : `after ${countedNumber(counted, failure.batch)}`;
    const short = failure.batch === null ? '' : ` at ${count(failure.batch)}`;
    return [`${what} ${at}`.trim(), `${what}${short}`, `${brief}${short}`];
  }
  if (state === 'unknown') return ['how it ended is unknown', 'end unknown'];
  return state === 'failed' ? ['failed'] : [];
}

/** What is to come, longest first; none where no end is in sight. */
export function endsAhead({ runsOut, counted }: RunJudgement): string[] {
  if (runsOut === null) return [];
  const updates = interval(runsOut.updates, count, '–');
  const time = runsOut.minutes === null ? '' : `, ${interval(runsOut.minutes, minutes, '–')}`;
  const batch = runsOut.batch === null ? '' : ` (${counted} ${interval(runsOut.batch, count, '–')})`;
  const after = runsOut.isAfterEnd ? ', after its planned end' : '';
  const [long, middle, short] = runsOut.isOfDevice
    ? ['device full', 'device full', 'full']
    : ['memory runs out', 'out of memory', 'OOM'];
  return [
    `${long} in ${updates} updates${time}${batch}${after}`,
    `${long} in ${updates} updates${time}${after}`,
    `${middle} in ${updates} updates${after}`,
    `${short} in ${updates} updates`,
    `${short} ${updates} upd`,
    `${short} ${updates}`,
  ];
}

/** What a line does, in a few words: `` `train.py:88 update` keeps 12.0 MiB an update ``. */
export function lineWords(kind: VerdictKind, { line, bytesPerUpdate, bytesMore }: GuiltyLine): string {
  if (bytesMore !== null) return `\`${line}\` held ${amount(bytesMore)} more`;
  const each = bytesPerUpdate === null ? '–' : amount(Math.round(bytesPerUpdate));
  return kind === 'leak' || kind === 'fragmentation'
    ? `\`${line}\` keeps ${each} an update`
    : `\`${line}\` needs ${each} more each update`;
}

/** Which line it is, and what it does, longest first; none where no line is known. */
function causesOf({ kind, line }: RunJudgement): string[] {
  if (line == null || kind === null) return [];
  const place = line.line.split(' ')[0]!;
  return [`: ${lineWords(kind, line)}`, `: \`${line.line}\``, `: ${place}`];
}

/** Columns of the shortest form. */
const NARROW = 40;

/**
 * The judgement in one line, from the longest form to the shortest, which has at most 40 columns unless names or counts
 * are very long: `✗ leak · memory runs out in 203–242 updates, 4.1–4.9 min · sim:0`.
 */
export function headlines(judgement: RunJudgement): string[] {
  const { level, kind } = judgement;
  const alarm = judgement.alarm ?? judgement.learner;
  const mark =
    alarm !== null
      ? marks[alarm.level]
      : level === 'ok' && (kind === 'unmeasured' || kind === null)
        ? '–'
        : marks[level];
  const own = verdictForms(judgement);
  // What is wrong by the verdict gives way to no alarm; a verdict that is well does.
  const isTroubled = level === 'warning' || level === 'critical';
  const all = withOthers(own, judgement);
  const forms =
    alarm === null
      ? all
      : [
          ...withOthers(verdictForms(judgement, alarm.device), judgement).map(
            form => `${alarm.text} · ${form}`,
          ),
          ...(isTroubled ? all : [cut(alarm.text, NARROW - 2)]),
        ];
  // The cause of a failure and names of devices come from outside: a headline is one line all the same.
  return forms.map(form => printable(`${mark} ${form}`));
}

/** What is wrong with ranks beside the others: `rank 50 silent 1.8 min · rank 12 slow 1.40×`. */
const othersOf = ({ across }: RunJudgement): string => across.map(({ short }) => short).join(' · ');

/** First the forms with what is wrong with ranks: behind a finding that is trouble, before one that is not. */
function withOthers(forms: readonly string[], judgement: RunJudgement): string[] {
  const others = othersOf(judgement);
  if (others === '') return [...forms];
  const isTrouble = isCause(judgement.kind) || judgement.runsOut !== null || judgement.failure !== null;
  const more = judgement.across.length - 1;
  const first = `${judgement.across[0]!.short}${more > 0 ? ` +${more}` : ''}`;
  return isTrouble
    ? [...forms.map(form => `${form} · ${others}`), ...forms.map(form => `${form} · ${first}`), ...forms]
    : [...forms.map(form => `${others} · ${form}`), ...forms.map(form => `${first} · ${form}`), first];
}

/** Columns of a node's name that stay where there is no room for all: of both its ends, one of which distinguishes nodes. */
const HOST_ENDS = 10;

const hostForms = (host: string): string[] =>
  host.length <= 2 * HOST_ENDS + 1 ? [host] : [host, `${host.slice(0, HOST_ENDS)}…${host.slice(-HOST_ENDS)}`];

/** Before a finding that is less than certain. */
const hedge = ({ kind, confidence }: RunJudgement): string =>
  kind === 'steady' || kind === 'unmeasured'
    ? ''
    : confidence === 'likely'
      ? 'likely '
      : confidence === 'possible'
        ? 'possibly '
        : '';

/** What it is, how sure, when memory runs out and where, without a mark. @param named a device that is named before */
function verdictForms(judgement: RunJudgement, named: string | null = null): string[] {
  const { kind, state, updates, device, rank, host, hasRanks, others } = judgement;
  const places =
    device === null || (named === device && !hasRanks)
      ? ['']
      : !hasRanks
        ? [device]
        : [
            ...(host === null ? [] : hostForms(host).map(name => `rank ${rank} ${device} on ${name}`)),
            `rank ${rank} ${device}`,
            `r${rank} ${device}`,
          ];
  const more = others > 0 ? ` +${others}` : '';
  const ended = endings(judgement);
  const ends = [...ended, ...endsAhead(judgement)];
  const early =
    updates === null
      ? 'no verdict yet'
      : updates === 0
        ? state === 'running'
          ? 'no update yet'
          : 'no update was reported'
        : `too early to judge after ${many(updates, judgement.counted === 'step' || judgement.counted === 'epoch' ? judgement.counted : 'update')}`;
  const sure = hedge(judgement);
  const line = (end: string, named: string, place: string, separator: string, cause = ''): string => {
    const verdict = kind === null ? (ended.length > 0 ? '' : named) : `${sure}${named}${cause}`;
    const where = kind === null || kind === 'unmeasured' ? '' : `${place}${more}`;
    const parts = ended.length > 0 ? [end, verdict, where] : [verdict, end, where];
    return parts.filter(part => part !== '').join(separator);
  };
  const [name, brief] = kind === null ? [early, early] : judgement.isRead ? NO_VERDICT : verdictNames[kind];
  // The name of a node gives way before what is to come does; the shortest place is for the shortest forms.
  const lines = (places.length > 1 ? places.slice(0, -1) : places).flatMap(place =>
    (ends.length > 0 ? ends : ['']).map(end => line(end, name, place, ' · ')),
  );
  const last = ends.at(-1) ?? '';
  const beforeLast = ends.at(-2) ?? last;
  // The line is worth more than the length of the forecast.
  const caused = causesOf(judgement).flatMap(cause =>
    (ends.length > 0 ? ends : ['']).map(end => line(end, name, places[0]!, ' · ', cause)),
  );
  return [
    ...caused,
    ...lines,
    line(last, name, places.at(-1)!, ' · '),
    line(beforeLast, name, places.at(-1)!, ' '),
    line(last, name, places.at(-1)!, ' '),
    line(last, brief, places.at(-1)!, ' '),
  ];
}

/** The longest form that fits `width` columns; the shortest where none does. */
export function headline(judgement: RunJudgement, width = Number.POSITIVE_INFINITY): StyledText {
  const lines = headlines(judgement);
  const text = lines.find(line => columns(line) <= width) ?? lines.at(-1)!;
  const { level, kind } = judgement;
  const alarm = judgement.alarm ?? judgement.learner;
  const isUnknown = level === 'ok' && (kind === 'unmeasured' || kind === null);
  const tone = alarm !== null ? alarm.level : isUnknown ? 'dim' : levelTone[level];
  return { text, tone, isStrong: true };
}
