/**
 * How often the first finding is the scenario's label, and what it is taken for otherwise. Peers on the same runs: what the
 * text of an out-of-memory error shows by itself, read by someone who knows it well, on the runs that ended with one; and
 * "less than a tenth of the device was free", which can only show that something is wrong.
 */
import { RunAnalyser } from '../../src/analysis/index.ts';
import { type RunReport, type VerdictKind, verdictKinds } from '../../src/contract/index.ts';
import { type Played, play, ratio, scenarios, share } from './play.ts';

/** The advice of the message, taken at its word. */
function byMessage({ failure }: RunReport): VerdictKind | null {
  const error = failure?.outOfMemory;
  if (failure == null || error?.triedBytes == null) return null;
  const { totalBytes, freeBytes, processBytes, reservedUnallocatedBytes, triedBytes } = error;
  if (/allowed;/.test(failure.message)) return 'allocator configuration';
  if (totalBytes! - freeBytes! - processBytes! > totalBytes! / 10) return 'neighbour';
  return reservedUnallocatedBytes! > triedBytes ? 'fragmentation' : 'leak';
}

/** Least share of the device that was free after an update. */
function leastFree({ events }: Played): number {
  const shares = events.flatMap(event =>
    event.type !== 'PPO_UPDATE_COMPLETED'
      ? []
      : (event.data.memory ?? []).map(m => m.deviceFreeBytes! / m.deviceTotalBytes!),
  );
  return Math.min(1, ...shares);
}

const isWrong = (kind: VerdictKind) => kind !== 'steady' && kind !== 'unmeasured';

export function verdicts(variants: number, firstSeed: number): void {
  const table = new Map<string, Map<VerdictKind, number>>();
  /** First findings by their stated confidence, and those of them that are the label. */
  const sure = new Map<string, { all: number; right: number }>();
  const found = { runs: 0, right: 0, oom: 0, oomRight: 0, message: 0, wrongRight: 0, free: 0, among: 0 };
  for (const scenario of scenarios) {
    const row = new Map<VerdictKind, number>();
    table.set(scenario.name, row);
    for (let seed = firstSeed; seed < firstSeed + variants; seed++) {
      const played = play(scenario, seed);
      const analyser = new RunAnalyser();
      for (const event of played.events) analyser.take(event);
      const report = analyser.report();
      const { kind } = report.verdict;
      const isRight = kind === scenario.kind;
      row.set(kind, (row.get(kind) ?? 0) + 1);
      const confidence = report.devices[0]?.findings[0]?.confidence ?? 'certain';
      const { all, right } = sure.get(confidence) ?? { all: 0, right: 0 };
      sure.set(confidence, { all: all + 1, right: right + (isRight ? 1 : 0) });
      found.runs++;
      if (isRight) found.right++;
      if (report.devices[0]?.findings.some(finding => finding.kind === scenario.kind) ?? isRight)
        found.among++;
      const message = byMessage(report);
      if (message !== null) {
        found.oom++;
        if (isRight) found.oomRight++;
        if (message === scenario.kind) found.message++;
      }
      if (isWrong(kind) === isWrong(scenario.kind)) found.wrongRight++;
      if (leastFree(played) < 0.1 === isWrong(scenario.kind)) found.free++;
    }
  }
  const { runs, right, among, oom, oomRight, message, wrongRight, free } = found;
  console.log(`\nVerdict: ${runs} runs, ${variants} of each scenario, seeds from ${firstSeed}`);
  const short = (kind: string) => kind.replace('allocator ', '').slice(0, 9).padStart(10);
  console.log(`${'scenario (label)'.padEnd(40)}${verdictKinds.map(short).join('')}`);
  for (const { name, kind: label } of scenarios) {
    const row = table.get(name)!;
    const cells = verdictKinds.map(kind => String(row.get(kind) ?? '·').padStart(10));
    console.log(`${`${name} (${label})`.padEnd(40)}${cells.join('')}`);
  }
  console.log(`first finding is the label    ${share(right, runs)}`);
  console.log(
    `by its confidence             ${[...sure].map(([name, { all, right }]) => `${name} ${share(right, all)} of ${all}`).join(', ')}`,
  );
  console.log(`label is among the findings   ${share(among, runs)}`);
  console.log(
    `of ${oom} runs that torch ended for lack of memory: Esper ${share(oomRight, oom)}, the message’s own advice ${share(message, oom)}, ${ratio(oomRight, message)}`,
  );
  console.log(
    `whether anything is wrong: Esper ${share(wrongRight, runs)}, "free < 10%" ${share(free, runs)}, ${ratio(wrongRight, free)}`,
  );
}
