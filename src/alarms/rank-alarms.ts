/**
 * What ranks show beside each other, as alarms: raised where it is found, cleared once it is not found any more. All ranks are looked at
 * together once in so many updates of the run, so a log gives the same alarms live and replayed but for the update in which they begin.
 */
import {
  batchOf,
  isEnd,
  isUnknown,
  type RankFinding,
  type TelemetryEvent,
  type UnknownEvent,
} from '../contract/index.ts';
import type { AlarmNotice } from './notice.ts';

/** Updates of each rank from one look to the next: so many, or such a share of those made. */
const LEAST = 5;
const SHARE = 1 / 25;
/** Looks in a row in which it is not found, before the alarm is cleared. */
const CALM = 2;

/** `slow rank` → `slow-rank`: the name of its rule. */
export const rankRuleOf = ({ kind }: Pick<RankFinding, 'kind'>): string => kind.replaceAll(' ', '-');

export class RankAlarms {
  readonly #ranks = new Set<number>();
  readonly #ended = new Set<number>();
  #failures = 0;
  #updates = 0;
  #due = 0;
  #batch: number | null = null;
  #name: string | null = null;
  readonly #raised = new Map<string, { notice: AlarmNotice; ranks: readonly number[]; calm: number }>();

  /**
   * Takes an event that the analyser has taken.
   * @param across what is found across ranks; asked for only when it is due
   * @returns what receivers are to be notified of; most often nothing
   */
  take(event: TelemetryEvent | UnknownEvent, across: () => readonly RankFinding[]): AlarmNotice[] {
    if (isUnknown(event)) return [];
    this.#ranks.add(event.rank);
    if (event.type === 'TRAINING_STARTED') {
      this.#name = event.data.name ?? this.#name;
      this.#ended.delete(event.rank);
    }
    if (isEnd(event)) return this.#end(event, across);
    const batch = batchOf(event);
    if (batch === null || this.#ranks.size < 2) return [];
    this.#batch = batch;
    if (++this.#updates < this.#due) return [];
    this.#due = this.#updates + Math.max(LEAST * this.#ranks.size, this.#updates * SHARE);
    return this.#look(event, across());
  }

  /** Ranks that fell with the first may be many: they are looked at as their number doubles, and when all have ended. */
  #end(event: TelemetryEvent, across: () => readonly RankFinding[]): AlarmNotice[] {
    if (this.#ranks.size < 2) return [];
    this.#ended.add(event.rank);
    const isFailure = event.type === 'TRAINING_FAILED';
    if (isFailure) this.#failures++;
    const silent = this.#raised.get('silent-rank')?.ranks.length ?? 0;
    const isOver = this.#ended.size + silent >= this.#ranks.size;
    const isDue = isFailure && (isOver || (this.#failures & (this.#failures - 1)) === 0);
    const notices = isDue ? this.#look(event, across()) : [];
    if (!isOver) return notices;
    for (const rule of [...this.#raised.keys()])
      notices.push(this.#cleared(rule, event, 'the run has ended'));
    return notices;
  }

  #look(event: TelemetryEvent, across: readonly RankFinding[]): AlarmNotice[] {
    const notices: AlarmNotice[] = [];
    const found = new Map(
      across.filter(({ level }) => level !== 'info').map(finding => [rankRuleOf(finding), finding]),
    );
    // What is found still is not over: a leak that is alone is an alarm until the verdict is one.
    const mild = new Map(
      across
        .filter(({ level }) => level === 'info')
        .map(finding => [
          rankRuleOf(finding),
          finding.kind === 'lone growth'
            ? 'the verdict of the device names it'
            : 'it is no more than information now',
        ]),
    );
    for (const [rule, raised] of this.#raised) {
      const now = found.get(rule);
      if (now?.ranks.some(rank => raised.ranks.includes(rank))) {
        raised.calm = 0;
        found.delete(rule);
      } else if (++raised.calm >= CALM || now !== undefined)
        notices.push(this.#cleared(rule, event, mild.get(rule) ?? 'nothing of it is found any more'));
    }
    for (const [rule, finding] of found) notices.push(this.#raise(rule, finding, event));
    return notices;
  }

  #raise(rule: string, finding: RankFinding, { run, timeMs }: TelemetryEvent): AlarmNotice {
    const { level, rank, ranks, device, says, value } = finding;
    const notice: AlarmNotice = {
      id: [run, rule, rank, device ?? '-', timeMs].join('/'),
      what: 'raised',
      rule,
      level: level === 'critical' ? 'critical' : 'warning',
      reason: says.replace(/\.$/, ''),
      run,
      name: this.#name,
      rank,
      device,
      timeMs,
      raisedMs: timeMs,
      batch: this.#batch,
      figure: 'verdictKind',
      value: value?.mid ?? null,
      condition: 'the rank stands out from the others',
      figures: { low: value?.low ?? null, high: value?.high ?? null },
    };
    this.#raised.set(rule, { notice, ranks, calm: 0 });
    return notice;
  }

  #cleared(rule: string, { timeMs }: TelemetryEvent, reason: string): AlarmNotice {
    const { notice } = this.#raised.get(rule)!;
    this.#raised.delete(rule);
    return { ...notice, what: 'cleared', reason, timeMs, batch: this.#batch };
  }
}
