/** What Slurm's accounting prints of a job (`sacct`): its state, and the most that a step held of what was asked for. */
import { amount, printedBytes } from '../base/index.ts';
import { many, share } from '../present/index.ts';
import type { Answer } from './answer.ts';

/** Columns without which a table is another program's. */
const HEAD = /\b(?:MaxRSS|ReqMem)\b/i;
const RULE = /^-{2,40}(?: -{2,40})+\s*$/;
/** `412420K`, `10000Mn` (of a node), `4Gc` (of a core), `128G` */
const PER = /[nc]$/;
/** Share of the memory that was asked for above which it was short. */
const SHORT = 0.95;

type Row = Readonly<Record<string, string>>;

/** null where the text has no such table. */
export function readSacctTable(text: string): Answer | null {
  const rows = fixedRows(text) ?? barRows(text);
  if (rows === null || rows.length === 0) return null;
  const job = rows.find(row => (row.state ?? '') !== '' && !(row.jobid ?? '').includes('.')) ?? rows[0]!;
  const states = [...new Set(rows.map(row => row.state ?? '').filter(state => state !== ''))];
  const jobs = new Set(rows.map(row => (row.jobid ?? '').split('.')[0]));
  const isOne = jobs.size === 1;
  const state = isOne ? (job.state ?? '') || null : null;
  const held = Math.max(-1, ...rows.map(row => bytesOf(row.maxrss) ?? -1));
  const asked = Math.max(-1, ...rows.map(row => bytesOf(row.reqmem) ?? -1));
  const isPerCore = rows.some(row => /c$/.test(row.reqmem ?? ''));
  const isKilled = states.some(name => name.startsWith('OUT_OF_ME'));
  const isShort = isKilled || (asked > 0 && !isPerCore && held >= SHORT * asked);
  const memory =
    held <= 0
      ? 'The table has no memory of its steps.'
      : `The most that one task of a step held (MaxRSS) was ${amount(held)}${
          asked <= 0
            ? ''
            : isPerCore
              ? `; ${amount(asked)} was asked for per core`
              : ` of the ${amount(asked)} that was asked for (${share(held / asked)})`
        }${isShort ? '' : asked > 0 && !isPerCore ? ': the host’s memory was not short' : ''}.`;
  return {
    what: `what sacct prints of ${many(jobs.size, 'job')}`,
    whose: isShort ? 'host' : null,
    state: null,
    confidence: isKilled ? 'certain' : 'likely',
    says: `${isOne ? `${job.jobid === undefined ? 'The job' : `Job ${job.jobid.split('.')[0]}`}${state === null ? '' : ` ${ENDS[state.split(/[ +]/)[0]!] ?? `has the state ${state}`}`}${state === null ? ': t' : '. T'}${memory.slice(1)}` : memory} No GPU’s memory is in this table.`,
    evidence: [
      ...(isOne || states.length === 0 ? [] : [`States: ${counted(rows)}.`]),
      ...(job.elapsed === undefined
        ? []
        : [
            `It ran for ${job.elapsed}${job.timelimit === undefined ? '' : ` of ${job.timelimit} that it may`}.`,
          ]),
      ...(job.exitcode === undefined || !isOne ? [] : [`Exit code: ${job.exitcode} (code, then signal).`]),
      ...(held > 0
        ? ['MaxRSS is sampled, every 30 s by default: a short peak before a kill is not in it.']
        : []),
    ],
    next: isShort
      ? ['Ask for more host memory (sbatch --mem), or use fewer DataLoader workers and load data in pieces.']
      : states.some(name => !/^(?:COMPLETED|RUNNING|PENDING)/.test(name))
        ? ['Look at the job’s own output, stderr included: why it ended is there, not in this table.']
        : [],
  };
}

const ENDS: Readonly<Record<string, string>> = {
  COMPLETED: 'completed',
  FAILED: 'failed, by an error or exit code of its own',
  OUT_OF_MEMORY: 'was killed at its limit of host memory',
  OUT_OF_ME: 'was killed at its limit of host memory',
  TIMEOUT: 'was ended at its time limit',
  CANCELLED: 'was cancelled, by a person or an administrator',
  PREEMPTED: 'was preempted for another job',
  NODE_FAIL: 'ended as its node failed',
  RUNNING: 'is running',
  PENDING: 'has not begun',
};

function counted(rows: Row[]): string {
  const counts = new Map<string, number>();
  for (const { state = '' } of rows) if (state !== '') counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${state} ${count}`).join(', ');
}

/** Columns of fixed width, as the line of dashes below the head draws them. */
function fixedRows(text: string): Row[] | null {
  const lines = text.split('\n');
  const rule = lines.findIndex((line, at) => at > 0 && RULE.test(line) && HEAD.test(lines[at - 1]!));
  if (rule === -1) return null;
  const spans = [...lines[rule]!.matchAll(/-+/g)].map(({ index, 0: dashes }): [number, number] => [
    index,
    index + dashes.length,
  ]);
  const cells = (line: string) => spans.map(([from, to]) => line.slice(from, to).trim());
  const names = cells(lines[rule - 1]!).map(name => name.toLowerCase());
  const end = lines.findIndex((line, at) => at > rule && line.trim() === '');
  return lines.slice(rule + 1, end === -1 ? undefined : end).map(line => rowOf(names, cells(line)));
}

/** `JobID|State|MaxRSS|…`, as --parsable prints. */
function barRows(text: string): Row[] | null {
  const lines = text.split('\n').map(line => line.trim());
  const head = lines.findIndex(line => line.includes('|') && HEAD.test(line) && /\bJobID\b/i.test(line));
  if (head === -1) return null;
  const names = lines[head]!.split('|').map(name => name.toLowerCase());
  return lines
    .slice(head + 1)
    .filter(line => line.includes('|'))
    .map(line => rowOf(names, line.split('|')));
}

const rowOf = (names: string[], cells: string[]): Row =>
  Object.fromEntries(names.flatMap((name, at) => ((cells[at] ?? '') === '' ? [] : [[name, cells[at]!]])));

/** Bytes of an amount of Slurm's; KiB where it has no unit. */
const bytesOf = (text: string | undefined): number | null => printedBytes((text ?? '').replace(PER, ''), 'K');
