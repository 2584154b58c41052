/** Runs held against each other for a page: patterns, names, ids and conditions of the list; what was read of a run is kept. */
import { setImmediate } from 'node:timers/promises';
import type { GroupedRun } from '../contract/index.ts';
import { fitsPattern, isPattern, type RunFolder, readRun } from '../log/index.ts';
import {
  compareGiven,
  configOf,
  type GivenRuns,
  groupedRun,
  groupFigureNamed,
  type ListedRun,
  lookAt,
  parseQuery,
  type ReadInParts,
  type RunsCompared,
  selected,
} from '../runs/index.ts';
import type { ConfigResponse } from './api.ts';
import { BadRequest } from './json-response.ts';
import { MAX_COMPARED } from './limits.ts';

const readInParts: ReadInParts = async (folder, report, take) => {
  for (const events of readRun(folder, report)) {
    for (const event of events) take(event);
    await setImmediate();
  }
};

/** Of the list, newest first. */
export interface ListedRuns {
  listed: () => readonly ListedRun[];
  find: (id: string) => RunFolder | null;
}

export class Comparisons {
  readonly #runs: ListedRuns;
  /** Samples by the run's id, and what its folder looked like before it was read. The one longest not asked for goes first. */
  readonly #samples = new Map<string, { seen: string; run: Promise<GroupedRun> }>();

  constructor(runs: ListedRuns) {
    this.#runs = runs;
  }

  /**
   * @param words a pattern, a name, an id, or conditions of the list, each
   * @param by the figure that decides; null: the first that two groups report
   * Throws a BadRequest or a ListError of one sentence.
   */
  async compare(
    words: readonly string[],
    by: string | null,
    ignore: readonly string[],
  ): Promise<RunsCompared> {
    if (words.length === 0)
      throw new BadRequest(400, 'Compare what? Give group=PATTERN, several times, or once for a sweep.');
    const decides = by === null ? null : groupFigureNamed(by, 'by');
    const given = words.map(label => this.#given(label));
    const count = given.reduce((sum, { runs }) => sum + runs.length, 0);
    if (count > MAX_COMPARED)
      throw new BadRequest(
        400,
        `At most ${MAX_COMPARED} runs are compared at once, not ${count}: give narrower patterns.`,
      );
    return compareGiven(given, { by: decides, ignore, read: readInParts }, run => this.#sample(run));
  }

  /** The configuration that each was started with. Throws a BadRequest where there is no such run. */
  configs(ids: readonly string[]): ConfigResponse {
    return {
      runs: ids.map(id => {
        const run = this.#runs.find(id);
        if (run === null) throw new BadRequest(404, `There is no run ${id} in this folder.`);
        const { name, manifest } = run;
        return { id, name, command: manifest?.command ?? null, config: configOf(run) };
      }),
    };
  }

  #given(label: string): GivenRuns {
    const all = this.#runs.listed();
    const isCondition = /[<>=]/.test(label);
    const named = all.filter(({ id, name }) => id === label || name === label);
    const fits = isCondition
      ? selected(all, parseQuery(label), null).filter(({ archived }) => !archived)
      : isPattern(label)
        ? all.filter(({ id, name }) => fitsPattern(label, id) || fitsPattern(label, name))
        : named.length > 0
          ? named
          : all.filter(({ id }) => label !== '' && id.startsWith(label));
    const runs = fits.flatMap(({ id }) => this.#runs.find(id) ?? []);
    if (runs.length === 0) throw new BadRequest(404, `No run in this folder fits "${label}".`);
    return { label, runs };
  }

  #sample(run: RunFolder): Promise<GroupedRun> {
    const { seen } = lookAt(run.path);
    const known = this.#samples.get(run.id);
    const sample = known?.seen === seen ? known : { seen, run: groupedRun(run, { read: readInParts }) };
    this.#samples.delete(run.id);
    this.#samples.set(run.id, sample);
    if (this.#samples.size > 2 * MAX_COMPARED) this.#samples.delete(this.#samples.keys().next().value!);
    return sample.run;
  }
}
