/**
 * Records of figures by key, from JSON lines, CSV or TensorBoard → updates and steps. Names that trainers use are known; others
 * are named with a map. Where no known key numbers the records, the one that grows is taken, and a notice gives it.
 */

import type { DeviceMemory } from '../contract/index.ts';
import { type Dialect, dialectOf, plainDialect } from './dialects.ts';
import { evaluationIn } from './evaluation-reports.ts';
import { memoryFields, setField, stepFields, updateFields, type Value } from './fields.ts';
import { type Figures, memoryIn, stepOf, updateOf } from './figures.ts';
import { COUNTED, type MappedField, type Outlet } from './format.ts';
import { isPpoKey, knownKeys, numberKeys, TRAINING_LOSS } from './known-keys.ts';
import { isCount } from './printed.ts';
import { RecordPlaces } from './record-places.ts';
import { ThroughEpochs } from './through-epochs.ts';

/** Records without a number that are held until a key shows that it counts. */
const MOST_HELD = 3;

interface Mapped {
  field: string;
  value: Value;
}

export class RecordReader {
  #map: ReadonlyMap<string, MappedField>;
  #held: { figures: Figures; out: Outlet }[] = [];
  /** Whether the first records had none that grows: others may grow by chance. */
  #isLate = false;
  /** Key that was found to count. */
  #guess: string | null = null;
  /** Number of the first record. */
  #first: number | null;
  /** Updates of a trainer whose records are numbered by environment steps. */
  #updates = 0;
  #through = new ThroughEpochs();
  #places = new RecordPlaces();
  /** Whether steps have records, where epochs have some as well. */
  #isFiner = false;
  /** Whether rows that nothing numbers are counted, and how many were; null until it is so. */
  #mayCount: boolean;
  #counted: number | null = null;

  /**
   * @param counter key that numbers records where no known key does; null to find one that grows
   * @param first number that the first record is taken to have; null for its own
   * @param mayCount whether records of a loss that nothing numbers are counted
   */
  constructor(
    map: ReadonlyMap<string, MappedField>,
    counter: string | null = null,
    first: number | null = null,
    mayCount = false,
  ) {
    this.#map = map;
    this.#guess = counter;
    this.#first = first;
    this.#mayCount = mayCount;
  }

  /** @param isEvaluation whether the record itself shows that it is one */
  take(figures: Figures, out: Outlet, isEvaluation = false): void {
    if (this.#map.size > 0) {
      this.#mapped(figures, out);
      return;
    }
    if (isEvaluation) {
      this.#through.ends(figures);
      return;
    }
    if (figures.has('train_runtime')) {
      out.finished();
      return;
    }
    this.#evaluated(figures, out);
    // LLaMA-Factory's last, which has no figures.
    if (!figures.has('loss') && isCount(figures.get('current_steps')?.value)) {
      if (figures.get('current_steps')!.value === figures.get('total_steps')?.value) out.finished();
      return;
    }
    if (trainsNothing(figures)) return;
    const place = this.#places.take(figures);
    if (place === 'other') return;
    const dialect = dialectOf(figures);
    if (place !== null) {
      out.facts({ maxSteps: place.total });
      this.#report(place.number, false, figures, dialect, [], out);
      return;
    }
    if (dialect.isReport?.(figures) === false) {
      this.#through.ends(figures);
      return;
    }
    const isSum = dialect.isSum?.(figures);
    this.#isFiner ||= isSum === false;
    if (isSum && this.#isFiner) return;
    const isUpdate = dialect.isUpdate(figures);
    const isKnown = (key: string) => Object.hasOwn(dialect.names, key) || knownKeys[key]?.step !== undefined;
    if (!isUpdate && dialect === plainDialect && ![...figures.keys()].some(isKnown)) {
      this.#unknown(figures, out);
      return;
    }
    const number = this.#numberOf(figures, dialect, isUpdate);
    if (number === null) this.#unknown(figures, out);
    else if (number >= 0) this.#report(number, isUpdate, figures, dialect, [], out);
  }

  /** The Hugging Face Trainer's evaluations, and those of trainers like it, have the number that its reports have. */
  #evaluated(figures: Figures, out: Outlet): void {
    if (!trainsNothing(figures)) return;
    const own = evaluationIn(figures);
    if (own === null || Object.keys(own).length === 0) return;
    const number = numberKeys.map(key => figures.get(key)?.value).find(isCount) ?? null;
    const total = (figures.get('max_steps') ?? figures.get('total_steps'))?.value;
    if (isCount(total)) out.facts({ maxSteps: total });
    out.figures({ batch: number, figures: own });
  }

  /** What is still held has no number, and gets none. */
  end(): void {
    const { out } = this.#held[0] ?? {};
    if (out === undefined) return;
    if (!this.#settleGuess()) out.almost(unnumbered([...this.#held[0]!.figures.keys()]));
    this.#held = [];
  }

  #mapped(figures: Figures, out: Outlet): void {
    const mapped: Mapped[] = [];
    for (const [key, { field, factor }] of this.#map) {
      const value = figures.get(key)?.value;
      if (value === undefined) continue;
      figures.delete(key);
      mapped.push({
        field,
        value: typeof value === 'number' && factor !== 1 ? inField(field, value * factor) : value,
      });
    }
    const keys = [...figures.keys()];
    const isUpdate =
      keys.some(isPpoKey) || mapped.some(({ field }) => updateFields.has(field) && !stepFields.has(field));
    if (!isUpdate && mapped.length === 0 && !keys.some(key => knownKeys[key]?.step !== undefined)) return;
    const named = mapped.find(({ field }) => field === 'batch' || field === 'step')?.value;
    const number =
      named === undefined ? this.#numberOf(figures, plainDialect, isUpdate) : isCount(named) ? named : null;
    if (number === null) out.almost(unnumbered(keys));
    else this.#report(number, isUpdate, figures, plainDialect, mapped, out);
  }

  #report(
    number: number,
    isUpdate: boolean,
    figures: Figures,
    { names }: Dialect,
    mapped: Mapped[],
    out: Outlet,
  ): void {
    const most = figures.get('max_steps') ?? figures.get('total_steps');
    if (isCount(most?.value)) out.facts(isUpdate ? { maxBatches: most.value } : { maxSteps: most.value });
    megabytes(figures);
    const memory = memoryOf(memoryIn(figures, 'cuda', names, false), mapped);
    const payload = isUpdate
      ? updateOf(number, figures, memory, names)
      : stepOf(number, figures, memory, names);
    const fields = isUpdate ? updateFields : stepFields;
    for (const { field, value } of mapped) {
      if (fields.get(field)?.(value)) setField(payload as Record<string, unknown>, field, value);
      else if (fields.has(field)) out.almost(`a record whose ${field} is out of its range`);
    }
    if (isUpdate) out.update(payload as ReturnType<typeof updateOf>);
    else out.step(payload as ReturnType<typeof stepOf>);
  }

  /** The record's number, taken out of the figures; null where no key has it. */
  #numberOf(figures: Figures, dialect: Dialect, isUpdate: boolean): number | null {
    for (const key of dialect.numbers ?? numberKeys) {
      const value = figures.get(key)?.value;
      if (!isCount(value)) continue;
      if (knownKeys[key] === undefined) figures.delete(key);
      if (dialect.number === undefined) return this.#through.number(value, figures);
      this.#first ??= value;
      const number = dialect.number(value, key, isUpdate, this.#first);
      if (number !== null) return this.#through.number(number, figures);
      figures.set('time/total_timesteps', { value, text: `${value}` });
      return ++this.#updates;
    }
    const counted = this.#guess === null ? undefined : figures.get(this.#guess)?.value;
    if (!isCount(counted)) return null;
    figures.delete(this.#guess!);
    return this.#through.number(counted, figures);
  }

  /** Records whose keys are not known, or without a number: the key that grows by whole numbers may be one. */
  #unknown(figures: Figures, out: Outlet): void {
    if (this.#guess !== null) {
      const value = figures.get(this.#guess)?.value;
      if (isCount(value)) this.#guessed(value, figures, out);
      return;
    }
    if (figures.size < 2) return;
    if (this.#counted !== null) {
      this.#count(figures, out);
      return;
    }
    this.#held.push({ figures, out });
    if (this.#held.length < MOST_HELD) return;
    if (!this.#settleGuess() && !this.#settleCount(out)) out.almost(unnumbered([...figures.keys()]));
    this.#held = [];
  }

  #settleGuess(): boolean {
    const guess = growing(
      this.#held.map(({ figures }) => figures),
      this.#isLate,
    );
    this.#isLate = true;
    if (guess === null) return false;
    this.#guess = guess;
    const others = [...this.#held[0]!.figures.keys()].filter(key => key !== guess).slice(0, MOST_NAMED);
    const what = numberKeys.includes(guess)
      ? `records without a figure that is known; their keys beside ${guess}`
      : `records without a known number; they are numbered by ${guess}, which grows: --map ${word(guess)}=step. Their other keys`;
    this.#held[0]!.out.almost(
      `${what}: ${others.join(', ')}; name one as --map ${word(others[0] ?? 'KEY')}=loss`,
    );
    for (const { figures, out } of this.#held)
      this.#guessed(figures.get(guess)!.value as number, figures, out);
    return true;
  }

  /** Rows of a training's losses and of nothing that numbers them: they are counted. */
  #settleCount(out: Outlet): boolean {
    const isOfLoss = ({ figures }: { figures: Figures }) =>
      [...figures.keys()].some(key => TRAINING_LOSS.test(key));
    if (!this.#mayCount || !this.#held.every(isOfLoss)) return false;
    out.facts(COUNTED);
    this.#counted = 0;
    for (const held of this.#held) this.#count(held.figures, held.out);
    return true;
  }

  #count(figures: Figures, out: Outlet): void {
    this.#counted = this.#counted! + 1;
    const dialect = dialectOf(figures);
    this.#report(this.#counted, dialect.isUpdate(figures), figures, dialect, [], out);
  }

  #guessed(own: number, figures: Figures, out: Outlet): void {
    figures.delete(this.#guess!);
    const number = this.#through.number(own, figures);
    const dialect = dialectOf(figures);
    this.#report(number, dialect.isUpdate(figures), figures, dialect, [], out);
  }
}

const EVALUATED = /^(?:val(?:id)?_|eval_)/;
/** What stands beside an evaluation and is none of its figures: where the training is, how long it took, and what memory. */
const BESIDE_EVALUATION =
  /^(?:epoch|(?:max|total)_steps|best_metric|memory|percentage|(?:elapsed|remaining)_time|memory ?\(GiB\)|train_speed ?\((?:iter\/s|s\/it)\))$/;

/** Whether a record has nothing but an evaluation, or a place in the training. */
function trainsNothing(figures: Figures): boolean {
  const isNone = (key: string) =>
    EVALUATED.test(key) || BESIDE_EVALUATION.test(key) || numberKeys.includes(key);
  return figures.size > 0 && [...figures.keys()].every(isNone);
}

/** A key whose whole numbers grow from record to record, one that looks like a counter before others, or alone; null for none. */
function growing(records: Figures[], isCounter: boolean): string | null {
  if (records.length < 2) return null;
  const grow = [...records[0]!.keys()].filter(key =>
    records.every((figures, i) => {
      const value = figures.get(key)?.value;
      return isCount(value) && (i === 0 || value > (records[i - 1]!.get(key)!.value as number));
    }),
  );
  return (
    // A batch may be counted within its epoch.
    grow.find(key => /step|iter|update|round|(?:^|[_/])it(?:er)?$/i.test(key)) ??
    grow.find(key => /batch(?!_size)/i.test(key)) ??
    (isCounter ? null : (grow[0] ?? null))
  );
}

const MOST_NAMED = 12;
/** A key as a shell takes it. */
const word = (key: string) => (/^[\w./-]+$/.test(key) ? key : `'${key}'`);
function unnumbered(keys: string[]): string {
  if (keys.length === 0) return 'a record without a batch or step: name it with --map';
  const likely =
    keys.find(key => numberKeys.includes(key)) ??
    keys.find(key => /step|iter|epoch|it$/i.test(key)) ??
    keys[0]!;
  return `a record without a batch or step; its keys are ${keys.slice(0, MOST_NAMED).join(', ')}: name the one that counts, as --map ${word(likely)}=step`;
}

/** Bytes and counts are whole numbers; a product of floats need not be. */
const inField = (field: string, value: number) =>
  /(?:Bytes|Steps|steps|pisodes|Retries|ooms)$/.test(field) ? Math.round(value) : value;

/** Keys of OpenMMLab's logs that its `memory` stands among: the peak, in MiB. */
function megabytes(figures: Figures): void {
  const memory = figures.get('memory');
  if (memory === undefined || !figures.has('data_time')) return;
  figures.delete('memory');
  figures.set('max_memory_allocated_MB', memory);
}

function memoryOf(peaks: DeviceMemory | null, mapped: Mapped[]): DeviceMemory | null {
  const reading: Record<string, unknown> = {};
  for (const { field, value } of mapped) {
    const name = field.startsWith('memory.') ? field.slice('memory.'.length) : null;
    if (name !== null && memoryFields.get(name)?.(value)) reading[name] = value;
  }
  if (peaks === null && Object.keys(reading).length === 0) return null;
  return { device: 'cuda', ...peaks, ...reading };
}
