/**
 * The alarms of all runs of a folder, to receivers: every run that goes on is followed, those that come later too. What receivers know to
 * be raised is kept in a file beside the runs, so that a new start sends nothing twice, and what cleared meanwhile.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type AlarmNotice, type AlarmRule, goneNotice, rankRuleOf } from '../alarms/index.ts';
import type { AlarmSink } from '../alerts/index.ts';
import { onAbort } from '../base/index.ts';
import { rankFindingKinds } from '../contract/index.ts';
import { writeWhole } from '../disk/index.ts';
import { RunFollower } from '../follow/index.ts';
import { isWriterGone, openRun } from '../log/index.ts';
import { RunAlarms } from './run-alarms.ts';

/** Beside the runs. */
const STATE_FILE = '.esper-alarms.json';
const LOOK_MS = 2000;
/** Runs that are followed at once: each takes some memory, and a share of the processor. */
const MOST_FOLLOWED = 256;

export interface AlarmsOfAllOptions {
  runs: string;
  /** Paths of all runs below that folder; those that are known to be runs are not looked into. Throws the file system's error. */
  names: (isKnown: (name: string) => boolean) => string[];
  rules: readonly AlarmRule[];
  /** Whether the verdict and what ranks show raise alarms too. */
  hasVerdict: boolean;
  sinks: readonly AlarmSink[];
  /** Called once for each kind of trouble. */
  onProblem: (sentence: string) => void;
}

/** What receivers know. */
interface Known {
  /** When it was written, ms since the epoch: runs that were made later are new. */
  atMs: number;
  /** By run that goes on: ids of the raised alarms that receivers know, by what they are about. */
  runs: Record<string, Record<string, string>>;
}

const ofRanks = new Set(rankFindingKinds.map(kind => rankRuleOf({ kind })));

/** What an alarm is about: the same before and after a new start, when it may be found some updates sooner or later. */
const aboutOf = ({ rule, rank, device }: AlarmNotice): string =>
  ofRanks.has(rule) ? rule : `${rule} ${rank} ${device ?? '-'}`;

export class AlarmsOfAll {
  readonly #options: AlarmsOfAllOptions;
  readonly #known: Known;
  readonly #sinceMs: number;
  readonly #followed = new Map<string, Promise<void>>();
  /** Runs that are over; looked at once. */
  readonly #over = new Set<string>();
  readonly #problems = new Set<string>();

  /** Throws a SyntaxError or the file system's error where what was kept cannot be read. */
  constructor(options: AlarmsOfAllOptions) {
    this.#options = options;
    const kept = stateIn(options.runs);
    this.#sinceMs = kept?.atMs ?? Date.now();
    this.#known = kept ?? { atMs: this.#sinceMs, runs: {} };
  }

  /** Runs that are followed now. */
  get following(): number {
    return this.#followed.size;
  }

  /** Watches until the signal aborts, and ends with the followers. Does not throw. */
  async watch(signal: AbortSignal): Promise<void> {
    this.#keep();
    while (!signal.aborted) {
      try {
        this.#look(signal);
      } catch (error) {
        this.#problem('list', `The runs cannot be listed now: ${(error as Error).message}.`);
      }
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    await Promise.all(this.#followed.values());
  }

  #look(signal: AbortSignal): void {
    const names = this.#options.names(name => this.#over.has(name) || this.#followed.has(name));
    const there = new Set(names);
    for (const name of this.#over) if (!there.has(name)) this.#over.delete(name);
    for (const name of Object.keys(this.#known.runs))
      if (!there.has(name) && !this.#followed.has(name)) delete this.#known.runs[name];
    for (const name of names) {
      if (this.#followed.has(name)) continue;
      const path = join(this.#options.runs, name);
      // A run that ended before anybody watched is history; one that is begun again is not.
      if (this.#over.has(name) && isWriterGone(path)) continue;
      const run = openRun(path);
      if (run === null) continue;
      const isNew = name in this.#known.runs || run.createdMs > this.#sinceMs;
      if ((this.#over.has(name) || !isNew) && isWriterGone(path)) {
        this.#over.add(name);
        continue;
      }
      if (this.#followed.size >= MOST_FOLLOWED) {
        this.#problem(
          'most',
          `More than ${MOST_FOLLOWED} runs go on: alarms of the others are sent once one of these has ended.`,
        );
        return;
      }
      this.#over.delete(name);
      const following = this.#follow(name, { id: name, path, createdMs: run.createdMs }, signal);
      this.#followed.set(
        name,
        following.finally(() => this.#followed.delete(name)),
      );
    }
  }

  /** Follows a run until it is over, its writers are gone, or the signal aborts. */
  async #follow(
    name: string,
    run: { id: string; path: string; createdMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    this.#known.runs[name] ??= {};
    this.#keep();
    const stop = new AbortController();
    const forget = onAbort(signal, () => stop.abort());
    /** Of the run, not of the server. */
    let isOver = false;
    const end = () => {
      isOver = true;
      stop.abort();
    };
    const alarms = new RunAlarms(this.#options.hasVerdict);
    /** What cleared while the log was read that receivers know to be raised. */
    let cleared = new Map<string, AlarmNotice>();
    const follower = new RunFollower(
      run.path,
      {
        began() {
          alarms.begin();
          cleared = new Map();
        },
        event: (event, ofRules) => {
          const notices = alarms.take(event, ofRules);
          if (follower.isCaughtUp) for (const notice of notices) this.#send(name, notice);
          else
            for (const notice of notices)
              if (notice.what === 'cleared') cleared.set(aboutOf(notice), notice);
              else cleared.delete(aboutOf(notice));
        },
        caughtUp: isFirst => {
          if (!isFirst) return;
          for (const notice of [...cleared.values(), ...alarms.standing()]) this.#send(name, notice);
          cleared.clear();
        },
        writers: gone => {
          if (!gone) return;
          const snapshot = follower.snapshot();
          if (snapshot.run.state === 'gone') this.#send(name, goneNotice(snapshot, run));
          end();
        },
        problem: ({ file, line, reason }) =>
          this.#problem(file, `not read: ${name}/${file}${line === null ? '' : `:${line}`}: ${reason}`),
      },
      this.#options.rules,
    );
    try {
      await follower.follow(stop.signal);
    } catch (error) {
      this.#problem(name, `${name} cannot be followed: ${(error as Error).message}.`);
      end();
    } finally {
      forget();
    }
    if (!isOver) return;
    this.#over.add(name);
    delete this.#known.runs[name];
    this.#keep();
  }

  /** Hands a notice over unless receivers know it. What they know is kept first: after a kill nothing comes twice. */
  #send(name: string, notice: AlarmNotice): void {
    const known = this.#known.runs[name]!;
    const about = aboutOf(notice);
    const id = known[about];
    if ((notice.what === 'raised') === (id !== undefined)) return;
    if (notice.what === 'raised') known[about] = notice.id;
    else delete known[about];
    this.#keep();
    for (const sink of this.#options.sinks) sink.deliver(id === undefined ? notice : { ...notice, id });
  }

  #keep(): void {
    this.#known.atMs = Date.now();
    try {
      writeWhole(join(this.#options.runs, STATE_FILE), `${JSON.stringify(this.#known)}\n`);
    } catch (error) {
      this.#problem(
        'state',
        `What was sent cannot be kept (${(error as Error).message}): a new start sends again what is raised then.`,
      );
    }
  }

  #problem(kind: string, sentence: string): void {
    if (this.#problems.has(kind) || this.#problems.size > 100) return;
    this.#problems.add(kind);
    this.#options.onProblem(sentence);
  }
}

/** What was kept the last time; null where nothing was, or where it is not what was written. */
function stateIn(runs: string): Known | null {
  let kept: Partial<Known>;
  try {
    kept = JSON.parse(readFileSync(join(runs, STATE_FILE), 'utf8')) as Partial<Known>;
  } catch {
    return null;
  }
  const isWell = typeof kept?.atMs === 'number' && typeof kept.runs === 'object' && kept.runs !== null;
  return isWell ? (kept as Known) : null;
}
