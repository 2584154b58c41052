/**
 * Lines by which other programs report that the training ended → the one ending they make together. Held, not yet
 * believed: a worker that is killed may be started again, and figures after it prove it.
 */
import { printedBytes } from '../base/index.ts';
import type { Ending } from '../contract/index.ts';
import {
  collectiveIn,
  figuresOfHostMemory,
  joinedOfWatchdog,
  oomKilledIn,
  ranksWaitedForIn,
  readEnding,
  restOfCollective,
} from '../texts/index.ts';
import { KilledBeside } from './killed-beside.ts';
import { filled, mergedEnding } from './merged-endings.ts';
import { OomdUnits } from './oomd-units.ts';

/** Lines that a watchdog's one may be cut into. */
const MOST_CUTS = 6;

/** Characters of the lines that are kept of ranks that wait. */
const MOST_EVIDENCE = 900;

/** How much an ending explains: a launcher only repeats that something ended. */
const WEIGHT: Readonly<Record<string, number>> = {
  'host memory': 4,
  'time limit': 3,
  preempted: 3,
  'node failure': 3,
  // Slurm cancels the steps of a job without a reason, and names it with the job.
  cancelled: 2.9,
  evicted: 3,
  'collective timeout': 2,
  'rendezvous timeout': 2,
  silent: 2,
  'connection lost': 1,
  signal: 2,
  'device fault': 1,
  launcher: 1,
};
/** SIGTERM, SIGINT and SIGHUP are sent to the others when one has ended: less than its exit code explains. */
const FOLLOWING: ReadonlySet<number> = new Set([1, 2, 15]);

export const weightOf = ({ kind, signal, exitCode }: Ending): number =>
  (signal != null && FOLLOWING.has(signal)) || (kind === 'launcher' && exitCode == null)
    ? 0.5
    : (WEIGHT[kind] ?? 1);

export class HeldEnding {
  #held: Ending | null = null;
  #line = 0;
  #newest = 0;
  /** Of lines that give figures and are no ending. */
  #figures: Partial<Ending> = {};
  /** Whether the lines are of the limits of a container, as `kubectl describe` lists them. */
  #isOfLimits = false;
  /** Whether the line before is that by which `kubectl describe` has a container killed: its exit code follows. */
  #isOfPod = false;
  /** The line by which Docker or Kubernetes reports that a container's own limit was not what ended it. */
  #notItsLimit: string | null = null;
  /** Ray's list of the processes that hold most of the host's memory, whose first row comes next or was read. */
  #users: { first: string | null } | null = null;
  /** The newest line of a watchdog: a terminal may have cut it, and the next line be its rest. */
  #watchdog: { text: string; line: number; lines: number } | null = null;
  /** Of Ray's account of an actor, which names its process a few lines before how it ended. */
  #actorPid: number | null = null;
  /** Of torchrun's summary, which names it a few lines before how its process ended. */
  #summaryRank: number | null = null;
  /** When the process of the summary that is being listed failed, and when the held one of it did, as printed. */
  #summaryTime: string | null = null;
  #heldTime: string | null = null;
  /** Whether the summary has come to what failed first. */
  #isRootCause = false;
  /** Whether what is held is its rank alone, of which the text has no exit code yet. */
  #isRootAlone = false;
  /** The driver's line that names a device, of a fault that the lines behind it report. */
  #gpu: string | null = null;
  readonly #killed = new KilledBeside();
  readonly #units = new OomdUnits();

  /** Whether the line reports an ending. @param rank of its prefix, where it has one. */
  read(text: string, rank: number | null, line: number): boolean {
    const figures = figuresOfHostMemory(text);
    if (figures !== null) this.#figures = { ...this.#figures, ...figures };
    this.#readContainer(text);
    this.#readUsers(text);
    this.#units.read(text);
    if (this.#held?.kind === 'collective timeout') {
      const rest = restOfCollective(text);
      const last = this.#held.collectives?.at(-1);
      const before = this.#watchdog;
      const isNext = before !== null && before.line === line - 1 && before.lines < MOST_CUTS;
      const joined = isNext && rest === null ? joinedOfWatchdog(before.text, text) : null;
      this.#watchdog = joined === null ? null : { text: joined, line, lines: before!.lines + 1 };
      if (joined !== null) {
        const cut = collectiveIn(joined);
        const of = this.#held.collectives?.findIndex(known => known.rank === cut.rank) ?? -1;
        if (of === -1) return false;
        // A number that was cut is whole now.
        this.#held.collectives = this.#held.collectives!.with(of, filled(cut, this.#held.collectives![of]!));
        return true;
      }
      if (rest !== null && last?.operation == null && (rest.rank ?? last?.rank) === last?.rank) {
        this.#held.collectives = [...this.#held.collectives!.slice(0, -1), filled(last!, rest)];
        return true;
      }
    }
    if (this.#held?.kind === 'rendezvous timeout' && ranksWaitedForIn(text).length > 0)
      this.#held.evidence = `${this.#held.evidence}; ${text.trim()}`.slice(0, MOST_EVIDENCE);
    const named = /^\s{1,8}rank {1,8}: (\d{1,6}) \(local_rank: \d{1,6}\)\s*$/.exec(text)?.[1];
    if (named !== undefined) this.#readSummaryRank(Number(named), text.trim(), line);
    this.#summaryTime = SUMMARY_TIME.exec(text)?.[1] ?? this.#summaryTime;
    const gpu = /NVRM: The NVIDIA GPU [\da-fA-F:.]{8,20}/.exec(text)?.[0];
    if (gpu !== undefined) this.#gpu = gpu;
    this.#isRootCause ||= /^\s*Root Cause \(first observed failure\)/.test(text);
    const actor = /^\s{1,8}pid: (\d{1,10})\s*$/.exec(text)?.[1];
    if (actor !== undefined) this.#actorPid = Number(actor);
    const read = this.#ofActor(readEnding(text));
    if (read === null) return false;
    if (read.kind === 'collective timeout') this.#watchdog = { text, line, lines: 1 };
    const isListed = EXIT_CODE.test(text);
    const own = rank ?? (isListed ? this.#summaryRank : null);
    // A rank within a group is no more than that of the job, which stands in front; that of a node is no more than either.
    const isWithin = own !== null && read.collectives?.length === 1 && own > (read.rank ?? 0);
    const ending: Ending = own === null || (read.rank != null && !isWithin) ? read : ofRank(read, own);
    const held = this.#held;
    // torchrun ends those that are left half a minute after the first has failed.
    const isLater =
      isListed &&
      !this.#isRootCause &&
      (this.#summaryTime ?? '') > (this.#heldTime ?? this.#summaryTime ?? '');
    this.#killed.take(ending, isListed ? this.#summaryTime : null);
    if (
      held === null ||
      (this.#isRootAlone && isListed) ||
      (weightOf(ending) > weightOf(held) && !isStepOf(held, ending) && !isLater) ||
      (this.#isRootCause && isOtherRank(text, ending, held)) ||
      isStepOf(ending, held)
    ) {
      this.#held = held !== null && isSameKill(held, ending) ? filled(ending, whoOf(held)) : ending;
      this.#line = line;
      this.#isRootAlone = false;
      this.#heldTime = isListed ? this.#summaryTime : null;
    } else if (held.kind === ending.kind) this.#held = mergedEnding(held, ending);
    if (this.#held?.kind === ending.kind) this.#newest = line;
    return true;
  }

  /** What failed first explains the others, though the text ends before its exit code. */
  #readSummaryRank(rank: number, evidence: string, line: number): void {
    this.#summaryRank = rank;
    const held = this.#held;
    if (!this.#isRootCause || held === null || held.rank === rank || !EXIT_CODE.test(held.evidence ?? ''))
      return;
    this.#held = {
      kind: 'launcher',
      by: 'torchrun',
      rank,
      evidence: `Root Cause (first observed failure): ${evidence}`,
    };
    this.#line = line;
    this.#isRootAlone = true;
  }

  get held(): Ending | null {
    const held = this.#found;
    const others = held === null ? [] : this.#killed.of(held);
    return others.length === 0 ? held : { ...held!, others };
  }

  get #found(): Ending | null {
    const held = this.#held;
    if (held?.kind === 'device fault' && this.#gpu !== null && !/\d:\d/.test(held.evidence ?? ''))
      return { ...held, evidence: `${this.#gpu} … ${held.evidence}` };
    if (held?.kind === 'host memory') {
      const first = this.#users?.first ?? null;
      const evidence = first === null ? held.evidence : `${held.evidence}; most is held by ${first}`;
      return filled(this.#units.of({ ...held, evidence }), this.#figures as Ending);
    }
    return held?.signal === 9 && held.exitCode === 137 && this.#notItsLimit !== null
      ? { ...held, evidence: `${this.#notItsLimit}; ${held.evidence}` }
      : held;
  }

  /** `PID	MEM(GB)	COMMAND`, then `20133	229.84	ray::TaskRunner.run`, the largest first. */
  #readUsers(text: string): void {
    if (/^PID\s{1,8}MEM\(GB\)\s{1,8}COMMAND/.test(text)) this.#users = { first: null };
    else if (this.#users?.first === null) {
      const user = /^(\d{1,10})\s{1,8}(\d{1,7}\.\d{1,3})\s{1,8}(\S.{0,80})$/.exec(text.trimEnd());
      this.#users = user === null ? null : { first: `${user[3]} (pid ${user[1]}): ${user[2]} GB` };
    }
  }

  #ofActor(ending: Ending | null): Ending | null {
    if (ending?.kind !== 'silent' || ending.by !== 'ray' || ending.pid != null) return ending;
    return this.#actorPid === null ? ending : { ...ending, pid: this.#actorPid };
  }

  /** What Docker and Kubernetes show of a container beside its end. */
  #readContainer(text: string): void {
    const section = /^\s{1,40}(Limits|Requests):\s*$/.exec(text)?.[1];
    if (section !== undefined) this.#isOfLimits = section === 'Limits';
    const limit = this.#isOfLimits
      ? /^\s{1,40}memory: {1,40}(\d{1,15}[KMGT]i)\s*$/.exec(text)?.[1]
      : undefined;
    if (limit !== undefined) this.#figures.totalBytes ??= printedBytes(limit);
    const ofDocker = /^\s{1,40}"Memory": (\d{7,15}),?\s*$/.exec(text)?.[1];
    if (ofDocker !== undefined) this.#figures.totalBytes ??= Number(ofDocker);
    const exitCode = this.#isOfPod ? /^\s{1,40}Exit Code: {1,40}(\d{1,3})\s*$/.exec(text)?.[1] : undefined;
    if (exitCode !== undefined) this.#figures.exitCode ??= Number(exitCode);
    this.#isOfPod = /^\s{1,40}Reason: {1,40}OOMKilled\s*$/.test(text);
    if (oomKilledIn(text) === false || /^\s{1,40}Reason: {1,40}Error\s*$/.test(text))
      this.#notItsLimit = text.trim().replace(/,$/, '').replace(/\s+/g, ' ');
  }

  /** Number of the line that reported it. */
  get line(): number {
    return this.#line;
  }

  /** Number of the newest line that did. */
  get newest(): number {
    return this.#newest;
  }

  clear(): void {
    this.#held = null;
    this.#figures = {};
    this.#isOfLimits = false;
    this.#isOfPod = false;
    this.#notItsLimit = null;
    this.#users = null;
    this.#summaryRank = null;
    this.#summaryTime = null;
    this.#heldTime = null;
    this.#isRootAlone = false;
    this.#actorPid = null;
    this.#watchdog = null;
    this.#isRootCause = false;
    this.#gpu = null;
    this.#killed.clear();
    this.#units.clear();
  }
}

/** An ending whose line names no rank, and whose prefix does: it is the one that waited, too. */
const ofRank = (ending: Ending, rank: number): Ending => ({
  ...ending,
  rank,
  ...(ending.collectives && {
    collectives: ending.collectives.map(collective => ({
      ...collective,
      rank: Math.max(collective.rank ?? rank, rank),
    })),
  }),
});

/** Of torchrun's summary: how one of its processes ended. */
const EXIT_CODE = /^\s{0,8}exitcode {1,4}: /;
const SUMMARY_TIME = /^\s{1,8}time {1,8}: (\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d)\s*$/;

/** Whether the line of torchrun's summary is of another process than what is held: one that the summary itself lists fell later, whatever ended it. */
const isOtherRank = (line: string, ending: Ending, held: Ending): boolean =>
  EXIT_CODE.test(line) &&
  (weightOf(ending) === weightOf(held) || EXIT_CODE.test(held.evidence ?? '')) &&
  (ending.pid == null || ending.pid !== held.pid);

/** Whether a shell's word of a process that was killed is explained by the killer's own line behind it. */
const isSameKill = (held: Ending, killer: Ending): boolean =>
  held.kind === 'signal' && held.signal === 9 && killer.kind === 'host memory' && killer.pid == null;

const whoOf = ({ pid, process, rank }: Ending): Partial<Ending> => ({ pid, process, rank });

/** Whether `cause` is of a task of Slurm's by whose end srun cancelled the step. */
const isStepOf = (cause: Ending, { kind, evidence }: Ending): boolean =>
  kind === 'cancelled' &&
  /\bSTEP \d/.test(evidence ?? '') &&
  cause.by === 'slurm' &&
  (cause.kind === 'launcher' || (cause.kind === 'signal' && !FOLLOWING.has(cause.signal ?? 0)));
