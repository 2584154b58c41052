/**
 * The verdict as an alarm: raised where the judgement of a rank is no longer well, raised again where it becomes critical, cleared
 * once it has been better for a while. A verdict takes a report, so it is looked at after the first updates often and later once
 * in so many: by the rank's own count, so that a log gives the same alarms live and replayed, whatever the order of its ranks.
 */
import { batchOf, isEnd, isUnknown, type TelemetryEvent, type UnknownEvent } from '../contract/index.ts';
import { alarmOf, type RunJudgement } from '../present/index.ts';
import type { AlarmNotice } from './notice.ts';
import { ruleDefaults } from './rule.ts';

export const VERDICT_RULE = 'verdict';
export const VERDICT_CONDITION =
  'the verdict is a cause of trouble, or memory runs out before the planned end';

/** Updates from one look to the next: so many, or such a share of those made. */
const LEAST = 5;
const SHARE = 1 / 25;
/** Ranks from which on looks are further apart. */
const MANY = 8;
/** Looks in a row that must be better before the alarm is cleared. */
const CALM = 3;

const severity = { warning: 1, critical: 2 } as const;
type Level = keyof typeof severity;

interface RankWatch {
  updates: number;
  /** Looks are so many times as far apart: all ranks of a large job together take no longer than those of a small one. */
  spread: number;
  due: number;
  batch: number | null;
  name: string | null;
  /** The alarm that receivers were notified of; null where none is active. */
  raised: AlarmNotice | null;
  calm: number;
  announced: { level: Level; timeMs: number } | null;
}

export class VerdictAlarms {
  readonly #ranks = new Map<number, RankWatch>();

  /**
   * Takes an event that the analyser has taken.
   * @param judge the judgement of the event's rank alone; asked for only when it is due
   * @returns what receivers are to be notified of, in order; most often nothing
   */
  take(event: TelemetryEvent | UnknownEvent, judge: () => RunJudgement): AlarmNotice[] {
    if (isUnknown(event)) return [];
    const watch = this.#watch(event.rank);
    if (event.type === 'TRAINING_STARTED') {
      watch.name = event.data.name ?? watch.name;
      watch.spread = Math.max(1, Math.ceil((event.data.worldSize ?? 1) / MANY));
    }
    if (isEnd(event)) return this.#clear(watch, event, 'the run has ended');
    const batch = batchOf(event);
    if (batch === null) return [];
    watch.batch = batch;
    if (++watch.updates < watch.due) return [];
    watch.due = watch.updates + watch.spread * Math.max(LEAST, Math.floor(watch.updates * SHARE));
    return this.#look(watch, event, judge());
  }

  #watch(rank: number): RankWatch {
    let watch = this.#ranks.get(rank);
    if (watch === undefined) {
      watch = {
        updates: 0,
        spread: 1,
        due: LEAST,
        batch: null,
        name: null,
        raised: null,
        calm: 0,
        announced: null,
      };
      this.#ranks.set(rank, watch);
    }
    return watch;
  }

  #look(watch: RankWatch, event: TelemetryEvent, judgement: RunJudgement): AlarmNotice[] {
    const alarm = alarmOf(judgement, event.timeMs);
    const now = alarm === null ? 0 : severity[alarm.level];
    const before = watch.raised === null ? 0 : severity[watch.raised.level];
    if (now === before) {
      watch.calm = 0;
      return [];
    }
    if (now < before && ++watch.calm < CALM) return [];
    watch.calm = 0;
    const why = alarm?.reason ?? 'nothing of it is found any more';
    const notices = this.#clear(watch, event, why);
    if (alarm === null) return notices;
    const { announced } = watch;
    const isNew = announced === null || severity[announced.level] < now;
    // What is no worse than what was announced a moment ago is not announced again.
    if (!isNew && event.timeMs - announced.timeMs < ruleDefaults.cooldownMs) return notices;
    watch.announced = { level: alarm.level, timeMs: event.timeMs };
    watch.raised = {
      id: [event.run, VERDICT_RULE, event.rank, alarm.device, event.timeMs].join('/'),
      what: 'raised',
      rule: VERDICT_RULE,
      level: alarm.level,
      reason: alarm.reason,
      run: event.run,
      name: watch.name,
      rank: event.rank,
      device: alarm.device,
      timeMs: event.timeMs,
      raisedMs: event.timeMs,
      batch: watch.batch,
      figure: 'verdictKind',
      value: null,
      condition: VERDICT_CONDITION,
      figures: {
        runsOutInUpdatesLow: judgement.runsOut?.updates.low ?? null,
        runsOutInUpdatesHigh: judgement.runsOut?.updates.high ?? null,
      },
    };
    return [...notices, watch.raised];
  }

  #clear(watch: RankWatch, { timeMs }: TelemetryEvent, reason: string): AlarmNotice[] {
    const { raised, batch } = watch;
    if (raised === null) return [];
    watch.raised = null;
    return [{ ...raised, what: 'cleared', reason, timeMs, batch }];
  }
}
