/** Run folders of version 0.1.0 stay readable, and every command gives the figures that it gave then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { scratch } from '../scratch.ts';
import { folderOutputs, OLD_RUNS, outputsOf, PAIRS, serveFolder, unpack } from './old-runs.ts';

/** Figures that the old version got wrong: what, and why another answer is right. */
const corrected: readonly { run?: RegExp; path: RegExp; why: string }[] = [
  {
    run: /golden|pressed|fast-leak|neighbour|fragmentation|at-the-wall|torchtitan|restarted|torch-cbfc|expandable|steps-oom|killed/,
    path: /^snapshot\.(status\.(level|reasons)|vitals\.(hasMemoryAlarm|memoryAlarmDevices))\b/,
    why: 'two alarm engines gave two answers; judgements are those of the one that is left',
  },
  {
    run: /golden|sim|resumed|pressed|fast-leak|neighbour|fragmentation|verl|diverged/,
    path: /^snapshot\.ranks\[\d\]\.log\[\d\]\.level: "(warning|critical)" became "info"$/,
    why: 'likewise: how full the pool is does not matter where the device has room',
  },
  { run: /killed/, path: /^(snapshot|report)\.run\.state\b/, why: 'nobody writes it any more' },
  {
    run: /golden|pressed|fragmentation|at-the-wall|torchtitan|torch-cbfc|expandable|killed/,
    path: /^metrics\.esper_(status|memory_alarm)\{/,
    why: 'two alarm engines gave two answers',
  },
  {
    run: /fast-leak/,
    path: /^(alerts\[\d\]\.figures|snapshot\.devices\[0\])\.ooms: 0 became 1$/,
    why: 'the request that ended a process was counted by nobody, as no reading came after it',
  },
  {
    run: /fast-leak|neighbour|fragmentation|at-the-wall|torchtitan|restarted|torch-cbfc|expandable|steps-oom|killed/,
    path: /^series\.\d\.figures\.[\w:]+\/refusals\.(min|max)\[\d\]: /,
    why: 'the raw counter: what was refused before a resumed run began to count again hid what was refused after it',
  },
  {
    run: /golden|fast-leak|watched-verl|steps-oom/,
    path: /^report\.verdict\.(kind|says)\b/,
    why: 'the text of an out-of-memory error was no evidence: its sums make a finding now',
  },
  {
    run: /golden/,
    path: /^report\.devices\[0\]\.findings\[0\]\.next: /,
    why: 'what was refused behind the last update was not counted, and more recording was advised instead',
  },
  {
    run: /watched-verl/,
    path: /^snapshot\.status\.reasons: \["OutOfMemoryError"/,
    why: 'what the error’s text shows stood in the report alone: it is a reason on every screen',
  },
  {
    run: /watched-torchtitan/,
    path: /^report\.(verdict\.says|devices\[\d+\]\.(findings\[0\]|timeline\[\d+\]\.peakBytes))/,
    why: 'reserved peaks that a log prints alone were not used',
  },
  {
    run: /fast-leak|neighbour|fragmentation|at-the-wall/,
    path: /^alerts\[\d+\]\.reason: "(pressure|headroom) \d/,
    why: 'bytes in alarms had digits of their own; now they have those of every screen',
  },
  {
    run: /torchtitan/,
    path: /^(snapshot\.ranks\[0\]\.log\[1\]\.message|alerts\[0\]\.reason): .*0 OOMs so far" became/,
    why: 'its log does not count OOMs: not measured is not none',
  },
  {
    run: /golden/,
    path: /^report\.run\.maxBatches: 3 became null$/,
    why: 'its last step is 7: a total that was passed is no total',
  },
  {
    path: /^(report\.(verdict|devices\[\d+\]\.findings\[0\])|compared\.[^.]+\.[ab])\.says: "\d+ updates? so far: too few to tell/,
    why: 'too few updates for a trend also say how full the device is, and whether it refused memory',
  },
  {
    path: /^report\.devices\[\d+\]\.findings\[0\]\.(evidence: \[\] became \[.*(Needed at the peak|Held at rest)|next: \[\] became \["Make some room)/,
    why: 'likewise, with evidence and what to try',
  },
  {
    path: /^report\.devices\[\d+\]\.findings\[\d+\]\.next\[\d\]: "Set PYTORCH_ALLOC_CONF=expandable_segments/,
    why: 'expandable segments have a price, which stands beside the advice',
  },
  {
    path: /^report\.devices\[\d+\]\.findings\[\d+\]\.evidence: \[\{"says":"[\d.]+ [MG]iB \([\d.]+% of the device\) lie stranded/,
    why: 'what was not in use at the peak is evidence, too',
  },
  {
    run: /fragmentation|folder/,
    path: /^(report\.(verdict|devices\[0\]\.findings\[0\])|compared\.[^.]+\.[ab])\.says: "730 MiB are reserved and free/,
    why: 'pieces that are in use at the peak are cache',
  },
  {
    run: /fast-leak/,
    path: /^report\.devices\[0\]\.forecast\.(updates|minutes|batch)\.(mid|high): /,
    why: 'it was refused in its next update: of the pieces between tensors, only those are lost that the peak left free',
  },
  {
    run: /golden/,
    path: /^report\.devices\[0\]\.findings\[0\]\.says: "No memory of a device was .* became "The device refused memory in 2 updates/,
    why: 'requests that were refused are at the wall, whether or not memory was reported beside them',
  },
  {
    run: /golden/,
    path: /^snapshot\.devices\[0\]\.ledger\.neighbourBytes: null became 1073741824$/,
    why: 'what the driver counts beyond the process is known without a reading of the process, too',
  },
  {
    run: /watched-torchtitan/,
    path: /^report\.devices\[\d\]\.forecast\.(status: "unmeasured"|basis: null) became /,
    why: 'where what is free was not measured, what is left is left of the device',
  },
  {
    run: /golden|watched-verl|torch-cbfc|killed/,
    path: /^report\.devices\[\d\]\.forecast\.basis: "rest" became "peak of the run"$/,
    why: 'no line can be of memory at rest that was never read',
  },
  {
    run: /fast-leak|steps-oom/,
    path: /^report\.devices\[0\]\.findings\[0\]\.next: .*Find the line, in PyTorch/,
    why: 'how the line of a leak is found without a change of the program stands with what to try',
  },
  {
    run: /fragmentation|at-the-wall-slow|neighbour/,
    path: /^report\.devices\[0\]\.forecast\.(?:slopeBytes\.\w+|since|points): -?[\d.]+ became -?[\d.]+$/,
    why: 'a line is fitted to all since the last change, not to its newest 160 updates',
  },
  {
    path: /^snapshot\.ranks\[\d\]\.log\[\d\]\.message: "resumed after .* became "started again/,
    why: 'of a training that begins behind another in its log, nothing shows that it was resumed',
  },
];

const needed = new Set<string>();

const runs = scratch('old-runs');
const ids = unpack(runs);
const server = await serveFolder(runs);
afterAll(() => server.close());

const golden = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(join(OLD_RUNS, 'figures', `${name}.json.gz`))).toString());

/** Lines of metrics by name and labels: their order means nothing, and there were no hosts and clusters. */
const byName = (output: unknown): unknown => {
  if (!isObject(output) || !Array.isArray(output.metrics)) return output;
  const metrics = output.metrics.map(line => /^(.*) (\S+)$/.exec(line as string)!);
  return {
    ...output,
    metrics: Object.fromEntries(
      metrics.map(([, name, value]) => [name!.replace(/,(?:cluster|host)="[^"]*"/g, ''), Number(value)]),
    ),
  };
};

/** Alarms by the rules that there were: the verdict has become one since. */
const byOldRules = (output: unknown): unknown =>
  isObject(output) && Array.isArray(output.alerts)
    ? { ...output, alerts: output.alerts.filter(alert => isObject(alert) && alert.rule !== 'verdict') }
    : output;

/** Names of series that there were: a trainer's own figures and the peak of what was reserved have series since. */
const thoseBefore = (names: unknown): unknown =>
  Array.isArray(names) ? names.filter(name => !/^own\/|\/peakReservedBytes$/.test(String(name))) : names;

/** Where `is` does not hold what `was` holds; a field that is only in `is` is new, and fine. */
function* differences(was: unknown, is: unknown, path = ''): Generator<string> {
  if (/^series\.\d+\.available$/.test(path)) {
    if (!isSame(was, thoseBefore(is))) yield `${path}: ${shown(was)} became ${shown(is)}`;
  } else if (/^compared\..*\.figures$/.test(path) && isByFigure(was) && isByFigure(is)) {
    const now = new Map(is.map(one => [one.figure, one]));
    for (const one of was) yield* differences(one, now.get(one.figure), `${path}.${one.figure}`);
  } else if (Array.isArray(was) && Array.isArray(is) && was.length === is.length) {
    for (const [i, value] of was.entries()) yield* differences(value, is[i], `${path}[${i}]`);
  } else if (isObject(was) && isObject(is)) {
    for (const key of Object.keys(was))
      yield* differences(was[key], is[key], path === '' ? key : `${path}.${key}`);
  } else if (!isSame(was, is)) yield `${path}: ${shown(was)} became ${shown(is)}`;
}

/** What is compared, one entry a figure: one that is only in the new answer is fine. */
const isByFigure = (value: unknown): value is { figure: string }[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(one => isObject(one) && typeof one.figure === 'string');
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Equal but for the last digits of a division. Of a sentence the numbers count: its words may be put better. */
function isSame(was: unknown, is: unknown): boolean {
  if (typeof was === 'number' && typeof is === 'number')
    return Math.abs(was - is) <= 1e-12 * Math.max(Math.abs(was), Math.abs(is));
  if (typeof was === 'string' && typeof is === 'string' && was.includes(' '))
    return String(was.match(/\d[\d.]*/g)) === String(is.match(/\d[\d.]*/g));
  return JSON.stringify(was) === JSON.stringify(is);
}
const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? 'nothing';

const unexpected = (name: string, is: unknown): string[] =>
  [...differences(byName(golden(name)), byName(byOldRules(is)))].filter(found => {
    const by = corrected.filter(({ run, path }) => (run?.test(name) ?? true) && path.test(found));
    for (const { path } of by) needed.add(path.source);
    return by.length === 0;
  });

test.each(ids)('%s', async id => {
  expect(unexpected(id, await outputsOf(runs, id, server.url.replace(/\/$/, '')))).toEqual([]);
});

test('the list, and what changed from run to run', async () => {
  expect(unexpected('folder', await folderOutputs(runs, PAIRS))).toEqual([]);
});

test('every correction is of something that still differs', () => {
  expect(corrected.filter(({ path }) => !needed.has(path.source)).map(({ why }) => why)).toEqual([]);
});
