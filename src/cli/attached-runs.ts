/**
 * What becomes of a command: the runs that its own processes record, with the figures it prints; or, where no process of it
 * has torch, the run that its output alone makes, as `esper watch` would have it.
 */
import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { count } from '../base/index.ts';
import { type EventType, isEnd, type Payload } from '../contract/index.ts';
import { Emitter } from '../emit/index.ts';
import { type LoggedEvent, LogWriter, skimEvents } from '../log/index.ts';
import { failureOfEnding, type TrainerLogParser, type WatchedEvent } from '../watch/index.ts';
import { type AttachedRun, type AttachedSession, printedFigures } from './attached-session.ts';
import { OF_SIGNAL } from './ending.ts';
import { commandLine, runWord } from './invocation.ts';
import { rehearseHint } from './rehearse-hint.ts';
import type { CommandEnd } from './relayed-command.ts';
import { runAnswer } from './run-answer.ts';
import type { ViewedRun, WatchView } from './watch-view.ts';
import { WatchedRun } from './watched-run.ts';

/** Events that wait until it is known who records. */
const MOST_HELD = 100_000;
/** Runs of one command whose answers and commands are printed. */
const MOST_NAMED = 3;

export class AttachedRuns {
  #session: AttachedSession;
  #watched: WatchedRun;
  #view: WatchView;
  /** null once the output makes a run of its own. */
  #held: WatchedEvent[] | null = [];
  /** The failure that the output shows. */
  #failure: Payload<'TRAINING_FAILED'> | null = null;

  constructor(session: AttachedSession, runs: string, name: string, view: WatchView) {
    this.#session = session;
    this.#view = view;
    this.#watched = new WatchedRun(runs, name, 'the output of a command');
  }

  /** All runs there are, as views take them. */
  get recorded(): ViewedRun[] {
    const folders = [...new Set(this.#session.runs.map(({ path }) => path))];
    const found = folders.map(path => ({ id: basename(path), runs: dirname(path), path }));
    return this.#watched.viewed === null ? found : [...found, this.#watched.viewed];
  }

  /** An event of the output. */
  take(event: WatchedEvent): void {
    const { type, data } = event;
    if (type === 'TRAINING_FAILED') this.#failure = data as Payload<'TRAINING_FAILED'>;
    if (this.#held === null) {
      this.#watched.write(event);
      return;
    }
    if (this.#session.hasRuns) {
      this.#held = [];
      if (type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED')
        this.#session.print(printedFigures(data as Payload<'STEP_COMPLETED'>));
      else if (type === 'FIGURES_LOGGED')
        this.#session.print({ logged: (data as Payload<'FIGURES_LOGGED'>).figures });
      return;
    }
    if (this.#held.length < MOST_HELD) this.#held.push(event);
    // Torch may still begin to train: until then nobody knows whose these figures are.
    if (!this.#session.hasTorch && isFigures(type)) this.#watch();
  }

  /** The command has ended, and all that it printed was taken. */
  close(end: CommandEnd, interrupted: boolean): void {
    const runs = this.#session.runs;
    if (runs.length === 0 && this.#held?.some(({ type }) => isFigures(type))) this.#watch();
    this.#watched.close();
    for (const run of runs)
      if (!run.own) {
        try {
          endRun(run, this.#failure, end, interrupted);
        } catch (error) {
          this.#view.notice(`How the run ended could not be recorded: ${(error as Error).message}`);
        }
      }
  }

  summary({ counts, format }: TrainerLogParser): object {
    const { lost, problem } = this.#watched;
    return {
      runs: this.recorded.map(({ id }) => id),
      torch: this.#session.hasTorch,
      own: this.#session.runs.some(({ own }) => own),
      ...{ format, ...counts, lost, problem },
    };
  }

  /** The answers of the first of them in lines. */
  async answers(command: readonly string[]): Promise<string[]> {
    const recorded = this.recorded;
    const isOneOfMany = recorded.length > 1;
    const lines: string[] = [];
    for (const { path } of recorded.slice(0, MOST_NAMED)) {
      const answer = await runAnswer(path, { isOneOfMany });
      if (answer === null) continue;
      const [first, ...others] = answer.lines;
      lines.push(`esper: ${first}`, ...others);
      const hint =
        answer.refusal === null || !this.#session.hasTorch ? null : rehearseHint(command, answer.refusal);
      if (hint !== null) lines.push(`  ${hint}`);
    }
    return lines;
  }

  /** What was recorded, for a person. */
  words({ format, counts }: TrainerLogParser): string {
    const recorded = this.recorded;
    const looks = recorded
      .map(({ path }) => commandLine('esper', ['report', runWord(path)]))
      .slice(0, MOST_NAMED);
    const more = recorded.length > MOST_NAMED ? `; ${recorded.length - MOST_NAMED} more runs` : '';
    const look = recorded.length === 0 ? '' : ` To look: ${looks.join(', ')}${more}`;
    const { hasTorch, runs } = this.#session;
    if (runs.some(({ own }) => own)) return `esper: The program records its own run.${look}`;
    if (runs.length > 0) return `esper: Recorded.${look}`;
    const why = hasTorch ? 'No optimizer of torch made a step' : 'No process of the command imported torch';
    return format === null
      ? `esper: ${why}, and its output holds no figures: nothing is recorded.`
      : `esper: ${why}: its output was read as "esper watch" does, ${count(counts.lines)} lines as ${format}.${look}`;
  }

  #watch(): void {
    const held = this.#held ?? [];
    this.#held = null;
    try {
      this.#watched.create();
    } catch (error) {
      this.#view.notice(`${(error as Error).message} The output is handed on and not read.`);
    }
    for (const event of held) this.#watched.write(event);
  }
}

const isFigures = (type: EventType) =>
  type === 'STEP_COMPLETED' || type === 'PPO_UPDATE_COMPLETED' || type === 'MEMORY_SAMPLED';

/** Records how a process ended that could not: killed, it writes no last event. */
function endRun(
  { path, rank, killedWhenDone }: AttachedRun,
  printed: Payload<'TRAINING_FAILED'> | null,
  { code, signal }: CommandEnd,
  interrupted: boolean,
): void {
  let last: LoggedEvent | null = null;
  for (const events of skimEvents(path)) for (const event of events) if (event.rank === rank) last = event;
  if (last === null || isEnd(last)) return;
  const writer = new LogWriter(path, { rank });
  const emitter = new Emitter({ run: basename(path), rank, sink: writer, firstSeq: writer.nextSeq });
  if (interrupted) emitter.emit('TRAINING_COMPLETED', { reason: 'interrupted', why: null, durationMs: null });
  else if (killedWhenDone && code === 0)
    emitter.emit('TRAINING_COMPLETED', { reason: 'finished', durationMs: null });
  else emitter.emit('TRAINING_FAILED', { ...(printed ?? wordless(code, signal)), durationMs: null });
  writer.close();
}

/** Of a process whose output does not show how it ended. A shell's exit code has the signal that ended its program. */
function wordless(code: number | null, own: NodeJS.Signals | null): Payload<'TRAINING_FAILED'> {
  const number = own === null ? (code ?? 0) - OF_SIGNAL : constants.signals[own];
  const signal = Object.values(constants.signals).find(value => value === number);
  const exitCode = code ?? undefined;
  const by = 'esper run';
  if (signal !== undefined) {
    const evidence = own === null ? `the command returned ${code}` : `the command ended by ${own}`;
    return failureOfEnding({ kind: 'signal', by, signal, exitCode, evidence }, [0], null).data;
  }
  const message = `its process ended without a word; the command returned ${code}`;
  return { errorType: null, message, ending: { kind: 'silent', by, exitCode, evidence: message } };
}
