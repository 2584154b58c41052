/** Who holds the memory of a state: by line of the program, by stack, by file, by category. Every grouping has the same sum. */
import type { Dump, Frame } from './dump.ts';
import {
  isEsper,
  isLibrary,
  isPython,
  NO_LINE,
  type StackView,
  sharedFolder,
  shortPath,
  viewOfStack,
} from './frame-rules.ts';
import type { LiveBlock } from './state.ts';

export interface Holder {
  /** What it is called: `train.py:88 update`, a file, a category, or why there is no line. */
  label: string;
  /** Requested bytes. */
  bytes: number;
  blocks: number;
  /** Of a category, the rules that decided it; else none. */
  notes: string[];
  isLine: boolean;
}

export interface LineHolder extends Holder {
  /** Lines of libraries that were called from there and allocated it, the largest first. */
  within: Holder[];
}

export interface StackHolder extends Holder {
  /** `train.py:88 update`, innermost first. */
  frames: string[];
}

export interface MemoryHolders {
  /** Requested bytes of all that is allocated or pending. */
  totalBytes: number;
  lines: LineHolder[];
  stacks: StackHolder[];
  files: Holder[];
  categories: Holder[];
}

/** Names stacks of one dump; each is looked at once. */
export class StackNames {
  readonly #dump: Dump;
  readonly #views = new Map<number, StackView>();
  readonly #root: string;

  constructor(dump: Dump) {
    this.#dump = dump;
    const files = new Set<string>();
    for (let frame = 0; frame < dump.frames.count && files.size < 10_000; frame++) {
      const file = dump.texts.text(dump.frames.at(frame, 0));
      if (isPython({ file, function: '', line: 1 }) && !isLibrary(file) && !isEsper(file)) files.add(file);
    }
    this.#root = sharedFolder(files);
  }

  view(stack: number, isRecorded: boolean): StackView {
    const key = 2 * stack + (isRecorded ? 1 : 0);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = viewOfStack(this.#dump, stack, isRecorded);
      this.#views.set(key, view);
    }
    return view;
  }

  /** `train.py:88 update`. */
  frame({ file, line, function: name }: Frame): string {
    return `${shortPath(file, this.#root) || '?'}${line > 0 ? `:${line}` : ''} ${name || '?'}`.trimEnd();
  }

  line(view: StackView): string {
    return view.line === null ? NO_LINE[view.noLine!] : this.frame(view.line);
  }

  file({ line, noLine }: StackView): string {
    return line === null ? NO_LINE[noLine!] : shortPath(line.file, this.#root);
  }
}

export function attribute(blocks: Iterable<LiveBlock>, names: StackNames): MemoryHolders {
  const lines = new Map<string, Holder & { inner: Map<string, Holder> }>();
  const files = new Map<string, Holder>();
  const categories = new Map<string, Holder>();
  const stacks = new Map<string, StackHolder>();
  const bytesOfStack = new Map<number, { bytes: number; blocks: number }>();
  let totalBytes = 0;
  for (const { stack, event, requestedBytes } of blocks) {
    const key = 2 * stack + (event >= 0 ? 1 : 0);
    const sum = bytesOfStack.get(key);
    if (sum === undefined) bytesOfStack.set(key, { bytes: requestedBytes, blocks: 1 });
    else {
      sum.bytes += requestedBytes;
      sum.blocks++;
    }
    totalBytes += requestedBytes;
  }
  for (const [key, { bytes, blocks: count }] of bytesOfStack) {
    const view = names.view(key >> 1, key % 2 === 1);
    const line = names.line(view);
    const frames = view.frames.map(frame => names.frame(frame));
    const fresh = (label: string): Holder => ({
      label,
      bytes: 0,
      blocks: 0,
      notes: [],
      isLine: view.line !== null,
    });
    const file = names.file(view);
    const { inner } = add(lines, line, bytes, count, () => ({ ...fresh(line), inner: new Map() }));
    if (view.within !== null) {
      const label = names.frame(view.within);
      add(inner, label, bytes, count, () => fresh(label));
    }
    add(files, file, bytes, count, () => fresh(file));
    add(stacks, `${line}\n${frames.join('\n')}`, bytes, count, () => ({ ...fresh(line), frames }));
    const category = add(categories, view.category, bytes, count, () => ({
      ...fresh(view.category),
      isLine: false,
    }));
    if (!category.notes.includes(view.rule)) category.notes.push(view.rule);
  }
  return {
    totalBytes,
    lines: sorted(lines).map(({ inner, ...line }) => ({ ...line, within: sorted(inner) })),
    stacks: sorted(stacks),
    files: sorted(files),
    categories: sorted(categories),
  };
}

/** Adds to the holder of that key, a fresh one where there is none. */
function add<Kind extends Holder>(
  to: Map<string, Kind>,
  key: string,
  bytes: number,
  blocks: number,
  fresh: () => Kind,
): Kind {
  let holder = to.get(key);
  if (holder === undefined) {
    holder = fresh();
    to.set(key, holder);
  }
  holder.bytes += bytes;
  holder.blocks += blocks;
  return holder;
}

const sorted = <Kind extends Holder>(holders: Map<string, Kind>): Kind[] =>
  [...holders.values()].sort((a, b) => b.bytes - a.bytes || (a.label < b.label ? -1 : 1));

export interface Changed {
  label: string;
  beforeBytes: number;
  afterBytes: number;
  /** After less before. */
  bytes: number;
  kind: 'new' | 'gone' | 'grew' | 'shrank';
  isLine: boolean;
}

/** What differs between two states by line, the largest change first; what is equal is left out. */
export function difference(before: MemoryHolders, after: MemoryHolders): Changed[] {
  const was = new Map(before.lines.map(line => [line.label, line]));
  const is = new Map(after.lines.map(line => [line.label, line]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((label): Changed => {
      const [beforeBytes, afterBytes] = [was.get(label)?.bytes ?? 0, is.get(label)?.bytes ?? 0];
      const kind = !was.has(label)
        ? 'new'
        : !is.has(label)
          ? 'gone'
          : afterBytes > beforeBytes
            ? 'grew'
            : 'shrank';
      const isLine = (is.get(label) ?? was.get(label)!).isLine;
      return { label, beforeBytes, afterBytes, bytes: afterBytes - beforeBytes, kind, isLine };
    })
    .filter(({ bytes }) => bytes !== 0)
    .sort((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes) || (a.label < b.label ? -1 : 1));
}
