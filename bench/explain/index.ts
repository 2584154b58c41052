/**
 * Opening a memory snapshot: time and memory of reading and explaining it, beside Python's own pickle.load of the same file.
 * Each in a process of its own; memory is the peak resident set beyond that of a process that does nothing.
 * Run: npx tsx bench/explain [MB …]. Needs python3. The files are made of a recording of the goldens, whose events repeat.
 */
import { spawnSync } from 'node:child_process';
import { fstatSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountOf, snapshotReader } from '../../src/snapshots/index.ts';
import { median } from '../measure.ts';

const here = import.meta.dirname;
const recording = join(here, '../../test/golden/snapshots/torch-2.15-training.pickle.gz');
const MIB = 2 ** 20;

interface Result {
  seconds: number;
  mib: number;
}

/** Reads and explains; `''`: does nothing. */
function one(path: string): void {
  const began = performance.now();
  if (path !== '') {
    const file = openSync(path, 'r');
    const chunk = new Uint8Array(MIB);
    let reader = null;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      reader ??= snapshotReader(chunk.subarray(0, 4096), fstatSync(file).size)!;
      reader.push(chunk.subarray(0, read));
    }
    if (accountOf(reader!.end()).devices.length !== 1) throw new Error('it was not read');
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seconds, mib: process.resourceUsage().maxRSS / 1024 }));
}

function compare(sizes: number[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'esper-bench-explain-'));
  try {
    for (const megabytes of sizes) {
      const path = join(folder, `${megabytes}.pickle`);
      run('python3', [join(here, 'make.py'), recording, String(megabytes), path]);
      const times = megabytes < 50 ? 7 : 3;
      const [mine, theirs] = [ours, pythons].map(of => best(times, () => of(path), of('')));
      const size = (statSync(path).size / 1e6).toFixed(0);
      console.log(
        `${size} MB: esper ${show(mine!)}; Python's pickle.load ${show(theirs!)}; ratio ${(mine!.seconds / theirs!.seconds).toFixed(2)} of the time, ${(mine!.mib / theirs!.mib).toFixed(2)} of the memory`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function show({ seconds, mib }: Result): string {
  return `${seconds.toFixed(3)} s, ${mib.toFixed(0)} MiB`;
}

/** Medians; the memory beyond that of a process that does nothing. */
function best(times: number, measure: () => Result, idle: Result): Result {
  const all = Array.from({ length: times }, measure);
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    mib: median(all.map(({ mib }) => mib)) - idle.mib,
  };
}

function ours(path: string): Result {
  return JSON.parse(
    run(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), '--read', path]),
  );
}

function pythons(path: string): Result {
  const program = `
import json, pickle, resource, sys, time
began = time.perf_counter()
if sys.argv[1]: pickle.load(open(sys.argv[1], "rb"))
print(json.dumps({"seconds": time.perf_counter() - began, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))`;
  return JSON.parse(run('python3', ['-c', program, path]));
}

function run(command: string, args: string[]): string {
  const { stdout, status } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} failed`);
  return stdout;
}

const [first = '', path = ''] = process.argv.slice(2);
if (first === '--read') one(path);
else compare(first === '' ? [4, 400] : process.argv.slice(2).map(Number));
