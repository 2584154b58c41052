/** Folders of runs for the fleet's tests: made at random, changed as trainings change them, and compared byte for byte. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What one step does to a folder of runs. */
export type Step =
  | { do: 'append'; run: string; rank: number; bytes: number }
  | { do: 'torn'; run: string; rank: number }
  | { do: 'replace'; run: string; rank: number; bytes: number }
  | { do: 'truncate'; run: string; rank: number }
  | { do: 'manifest' | 'label' | 'unlabel' | 'snapshot'; run: string; bytes: number }
  | { do: 'lock' | 'unlock' | 'pack'; run: string; rank: number };

const log = (runs: string, { run, rank }: { run: string; rank: number }) =>
  join(runs, run, `events-${rank}.jsonl`);

let seq = 0;
/** Lines as long as those of events, of `bytes` in all at least. */
export function lines(bytes: number, label = ''): string {
  let text = '';
  do {
    const hash = createHash('sha256').update(`${label}${seq}`).digest('hex');
    text += `{"v":"1.0","seq":${seq},"timeMs":${1e12 + seq},"type":"STEP_COMPLETED","data":{"step":${seq++},"hash":"${hash}"}}\n`;
  } while (text.length < bytes);
  return text;
}

export function take(runs: string, step: Step): void {
  const folder = join(runs, step.run);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'run.json'), '{}');
  }
  switch (step.do) {
    case 'append':
      appendFileSync(log(runs, step), lines(step.bytes));
      break;
    case 'torn':
      appendFileSync(log(runs, step), lines(1).slice(0, 40));
      break;
    case 'replace':
      writeFileSync(join(folder, '.new'), lines(step.bytes, 'another'));
      renameSync(join(folder, '.new'), log(runs, step));
      break;
    case 'truncate': {
      const path = log(runs, step);
      if (existsSync(path)) writeFileSync(path, readFileSync(path).subarray(0, lstatSync(path).size >> 1));
      break;
    }
    case 'pack': {
      const path = log(runs, step);
      if (!existsSync(path)) break;
      writeFileSync(join(folder, '.pack'), gzipSync(readFileSync(path)));
      renameSync(join(folder, '.pack'), `${path}.gz`);
      rmSync(path);
      break;
    }
    case 'lock':
      writeFileSync(
        join(folder, `events-${step.rank}.lock`),
        `{"pid":${process.pid},"hostname":"elsewhere"}`,
      );
      break;
    case 'unlock':
      rmSync(join(folder, `events-${step.rank}.lock`), { force: true });
      break;
    case 'unlabel':
      rmSync(join(folder, 'labels.json'), { force: true });
      break;
    default: {
      const name = { manifest: 'run.json', label: 'labels.json', snapshot: 'memory.pickle' }[step.do];
      writeFileSync(join(folder, '.whole'), lines(step.bytes, step.do));
      renameSync(join(folder, '.whole'), join(folder, name));
    }
  }
}

/** Digest of every file below a folder, hidden ones left out. */
export function digests(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  if (!existsSync(folder)) return found;
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const place = join(folder, path);
    if (
      path.split('/').some(part => part.startsWith('.')) ||
      !lstatSync(place, { throwIfNoEntry: false })?.isFile()
    )
      continue;
    const bytes = readFileSync(place);
    found[path] = `${bytes.length} ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  }
  return found;
}

/** The folder itself, made where it is missing. */
export const made = (path: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true });
  return path;
};
