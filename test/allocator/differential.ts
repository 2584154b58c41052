/** Answers of PyTorch's own allocator against the simulated one's: equal decisions, but for where the address space begins. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CONTEXT_MIB, type Family, type Program } from './programs.ts';
import type { Answer } from './simulated.ts';

/** PyTorch's answers to some programs of the family, recorded by run.ts --record. */
export const recordedPath = ({ name }: Family): string =>
  resolve(import.meta.dirname, 'recorded', `${name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}.json.gz`);

/** From here on the simulated device's addresses are those that expandable segments reserve. */
const RESERVED_FROM = 2 ** 46;

/** Compares answers, of one process: what its first addresses are away from the simulated ones, all must be. */
export class Comparison {
  readonly #shifts = new Map<boolean, number>();

  /** The first difference, in words; null where every decision and every figure is equal. */
  compare({ operations }: Program, real: readonly Answer[], simulated: readonly Answer[]): string | null {
    for (const [i, operation] of operations.entries()) {
      const [[is, figures], [should, wanted]] = [simulated[i]!, real[i]!];
      const where = `operation ${i}, ${operation.join(' ')}`;
      const moved = typeof is === 'number' && typeof should === 'number' ? this.#moved(is, should) : is;
      if (moved !== should) return `${where}: ${moved}, not ${should}`;
      if (figures.join() !== wanted.join())
        return `${where}: figures ${figures.join()}, not ${wanted.join()}`;
    }
    return null;
  }

  #moved(simulated: number, real: number): number {
    const isReserved = simulated >= RESERVED_FROM;
    const shift = this.#shifts.get(isReserved) ?? real - simulated;
    this.#shifts.set(isReserved, shift);
    return simulated + shift;
  }
}

/** PyTorch's process ended within a program: by a signal where PyTorch itself crashed. */
export class AllocatorEnded extends Error {
  readonly by: string;

  constructor(by: string, errors: string) {
    super(`PyTorch ended by ${by}: ${errors}`);
    this.by = by;
  }
}

/** PyTorch's allocator in a process of its own, over the stand-in device: answers programs one after the other. */
export class RealAllocator {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #errors = '';

  constructor(python: string, { conf, totalMib }: Family) {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(PYTORCH_|ESPER_STANDIN_|CUDA_)/.test(name),
    );
    this.#child = spawn(
      python,
      [
        ...['-m', 'esper_telemetry.standin', '--quiet', '--values', 'off'],
        ...['--memory', `${totalMib}MiB`, '--context', `${CONTEXT_MIB}MiB`],
        resolve(import.meta.dirname, 'real.py'),
      ],
      {
        env: {
          ...Object.fromEntries(clean),
          PYTHONPATH: resolve('python'),
          OMP_NUM_THREADS: '1',
          ...(conf === '' ? {} : { PYTORCH_CUDA_ALLOC_CONF: conf }),
        },
      },
    );
    this.#child.stderr!.on('data', text => (this.#errors += text));
    this.#ended = new Promise(resolve =>
      this.#child.once('close', (code, signal) => resolve(signal ?? `exit status ${code}`)),
    );
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async answers(program: Program): Promise<Answer[]> {
    this.#child.stdin!.write(`${JSON.stringify(program)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new AllocatorEnded(await this.#ended, this.#errors.slice(-2000));
    return JSON.parse(value);
  }

  /** @returns the version of PyTorch */
  async close(): Promise<{ torch: string }> {
    this.#child.stdin!.end();
    const { value } = await this.#lines.next();
    return { torch: String(value) };
  }
}
