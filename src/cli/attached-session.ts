/**
 * The folder through which this process and those of its command know of each other (`session.py`): they put a file there
 * when they have torch, and one for each run; the figures that we read in their output are appended to `printed.jsonl`.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Payload } from '../contract/index.ts';
import { withPythonPath } from '../doctor/index.ts';

export interface AttachedRun {
  /** The run's folder. */
  path: string;
  rank: number;
  /** Begun by the program itself, and none of ours. */
  own: boolean;
  /** Ended by a kill whether its work went well or not, as Ray ends its workers: the command's status has how it went. */
  killedWhenDone: boolean;
}

const site = fileURLToPath(new URL('../../python/esper_telemetry/attach/site', import.meta.url));

export class AttachedSession {
  readonly folder = mkdtempSync(join(tmpdir(), 'esper-run-'));
  readonly #printed = openSync(join(this.folder, 'printed.jsonl'), 'a');
  #runs = new Map<string, AttachedRun>();
  #hasTorch = false;

  /** With what a command's Python processes find the client; `lines`: that hold the memory are recorded. */
  env(
    base: NodeJS.ProcessEnv,
    runs: string,
    { name, lines }: { name?: string; lines?: boolean },
  ): NodeJS.ProcessEnv {
    return {
      ...withPythonPath(base, site),
      ESPER_ATTACH: this.folder,
      ...(name !== undefined && { ESPER_ATTACH_NAME: name }),
      ...(lines && { ESPER_LINES: '1' }),
      ESPER_RUNS: resolve(runs),
    };
  }

  /** Whether a process of the command has imported torch. */
  get hasTorch(): boolean {
    this.#hasTorch ||= this.#names().some(name => name.startsWith('torch-'));
    return this.#hasTorch;
  }

  /** Whether there is any of {@link runs}; the folder is not read for it again once there is. */
  get hasRuns(): boolean {
    return this.#runs.size > 0 || this.runs.length > 0;
  }

  /** Runs that processes of the command have begun, the first first. */
  get runs(): AttachedRun[] {
    for (const name of this.#names()) {
      if (!name.startsWith('run-') || this.#runs.has(name)) continue;
      try {
        const { path, rank, own, killed_when_done } = JSON.parse(
          readFileSync(join(this.folder, name), 'utf8'),
        );
        this.#runs.set(name, {
          path: String(path),
          rank: Number(rank),
          own: own === true,
          killedWhenDone: killed_when_done === true,
        });
      } catch {
        // The folder was cleared under us: nothing more is known.
      }
    }
    return [...this.#runs.values()];
  }

  /** Hands figures to the run that is being recorded. */
  print(figures: object): void {
    try {
      writeSync(this.#printed, `${JSON.stringify(figures)}\n`);
    } catch {
      // A full disk costs figures, and nothing else.
    }
  }

  remove(): void {
    closeSync(this.#printed);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder).sort();
    } catch {
      return [];
    }
  }
}

/** The figures of a printed step or update, as a run that is recorded by optimizer steps takes them. */
export function printedFigures(data: Payload<'STEP_COMPLETED'> | Payload<'PPO_UPDATE_COMPLETED'>): object {
  if ('step' in data) {
    const { loss, learningRate, gradNorm, samplesPerSecond, tokensPerSecond, extra } = data;
    return measured({ loss, learningRate, gradNorm, samplesPerSecond, tokensPerSecond, extra });
  }
  const { loss, policy, value, gradient, rollout, timing, extra } = data;
  return { extra: { ...flat({ loss, policy, value, gradient, rollout, timing }), ...extra } };
}

const measured = (figures: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== null && value !== undefined));

/** `{loss: {policy: 1}}` → `{'loss.policy': 1}`, without what was not measured. */
const flat = (groups: Record<string, object | undefined>): Record<string, unknown> =>
  measured(
    Object.fromEntries(
      Object.entries(groups).flatMap(([group, figures]) =>
        Object.entries(figures ?? {}).map(([name, value]) => [`${group}.${name}`, value]),
      ),
    ),
  );
