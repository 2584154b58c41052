/** The alarms of one run as it is followed: those of rules, of its verdict and of its ranks beside each other. */
import { type AlarmNotice, RankAlarms, VerdictAlarms } from '../alarms/index.ts';
import { RunAnalyser } from '../analysis/index.ts';
import type { LoggedEvent } from '../log/index.ts';
import { judgementOf } from '../present/index.ts';

export class RunAlarms {
  readonly #hasVerdict: boolean;
  #standing = new Map<string, AlarmNotice>();
  #analyser = new RunAnalyser();
  #verdicts = new VerdictAlarms();
  #ranks = new RankAlarms();

  /** @param hasVerdict whether the verdict and what ranks show raise alarms too */
  constructor(hasVerdict: boolean) {
    this.#hasVerdict = hasVerdict;
  }

  /** The log is read from its start: what was known holds no more. */
  begin(): void {
    this.#standing = new Map();
    this.#analyser = new RunAnalyser();
    this.#verdicts = new VerdictAlarms();
    this.#ranks = new RankAlarms();
  }

  /**
   * @param ofRules what the event did to the alarms of rules
   * @returns all that it raised and cleared
   */
  take(event: LoggedEvent, ofRules: readonly AlarmNotice[]): readonly AlarmNotice[] {
    const notices = this.#hasVerdict ? [...ofRules, ...this.#ofVerdict(event)] : ofRules;
    for (const notice of notices) {
      if (notice.what === 'raised') this.#standing.set(notice.id, notice);
      else this.#standing.delete(notice.id);
    }
    return notices;
  }

  /** What is raised, as it was raised. */
  standing(): AlarmNotice[] {
    return [...this.#standing.values()];
  }

  #ofVerdict(event: LoggedEvent): AlarmNotice[] {
    this.#analyser.take(event);
    return [
      ...this.#verdicts.take(event, () => judgementOf(this.#analyser.reportOfRank(event.rank), 'running')),
      ...this.#ranks.take(event, () => this.#analyser.acrossRanks()),
    ];
  }
}
