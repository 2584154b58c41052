/** A memory snapshot → the answer: which lines held the memory, what was refused and why, what changed. */
import { amount, signed } from '../base/index.ts';
import { many, share, withinLine } from '../present/index.ts';
import type { DeviceAccount, DeviceDifference, Refusal, SnapshotAccount } from '../snapshots/index.ts';
import { expandableAdvice } from '../texts/index.ts';
import type { Answer } from './answer.ts';

/** Lines that the evidence names. */
const NAMED = 5;
/** Share of what was in use from which advice on it is worth a line. */
const MUCH = 0.25;

/** @param name what the file is called. */
export function answerOfSnapshot(name: string, account: SnapshotAccount): Answer {
  const devices = account.devices.filter(
    ({ events, endReservedBytes }) => events > 0 || endReservedBytes > 0,
  );
  const fullest = [...devices].sort((a, b) => b.attribution.totalBytes - a.attribution.totalBytes)[0];
  const what = `a memory snapshot of PyTorch (${name}, ${account.format})`;
  if (fullest === undefined)
    return {
      what,
      whose: 'GPU',
      state: null,
      says: 'It has neither segments nor events: PyTorch had reserved nothing.',
      confidence: 'certain',
      evidence: [],
      next: [],
    };
  const refused = fullest.refused.at(-1);
  return {
    what,
    whose: 'GPU',
    state: null,
    says: [refused === undefined ? null : refusedText(refused), held(fullest)]
      .filter(part => part !== null)
      .join(' '),
    confidence: 'certain',
    evidence: [
      ...devices.flatMap(device => evidenceOf(device, devices.length > 1)),
      ...devices.flatMap(({ contradictions }) => contradictions),
    ],
    next: nextOf(fullest, account.settings),
  };
}

/** When a state is: `At the peak (event 1402 of 5163, 0.14 s after the first)`. */
export function momentOf({ at, event, events, seconds }: DeviceAccount): string {
  const after = seconds === null ? '' : `, ${seconds.toFixed(seconds < 10 ? 3 : 1)} s after the first`;
  const which =
    event === null ? null : event < 0 ? 'before the first event' : `event ${event} of ${events}${after}`;
  if (event === null) return 'At the end';
  return at === 'peak' ? `At the peak (${which})` : event < 0 ? 'Before the first event' : `After ${which}`;
}

function held(device: DeviceAccount): string {
  const { attribution, device: name } = device;
  const first = attribution.lines.find(({ isLine }) => isLine);
  const most = attribution.lines[0];
  const total = attribution.totalBytes;
  const used = `${momentOf(device)}, ${amount(total)} of ${name} ${total === 0 ? 'was' : 'were'} in use`;
  if (most === undefined) return `${used}.`;
  const part = (bytes: number) => `${amount(bytes)} (${share(total === 0 ? 0 : bytes / total)})`;
  if (first === undefined)
    return `${used}, none of it with a line of Python: ${most.label}, ${part(most.bytes)}.`;
  const ahead = most === first ? '' : `; ${most.label}: ${part(most.bytes)}`;
  const within = withinLine(
    first.bytes,
    first.within.map(({ label, bytes }) => ({ line: label, bytes })),
    total,
  );
  return `${used}. \`${first.label}\` held most of what has a line: ${part(first.bytes)}${within}${ahead}.`;
}

/** What stood in the way of a refused request. */
export function refusedText({
  requestedBytes,
  line,
  within,
  deviceFreeBytes,
  layout,
  blockedBy,
  shortBytes,
  freeBytes,
}: Refusal): string {
  const asked = `A request of ${amount(requestedBytes)} at \`${line}\`${within === null ? '' : ` (within \`${within}\`)`} was refused`;
  const free = deviceFreeBytes === null ? '' : `${amount(deviceFreeBytes)} free on the device, `;
  const pieces = `${amount(freeBytes - (deviceFreeBytes ?? 0))} free in ${many(layout.freePieces, 'piece')} of the cache, the largest ${amount(layout.largestFreeBytes)}`;
  if (blockedBy === 'pieces')
    return `${asked}: enough was free, but in pieces that are each too small (${free}${pieces}).`;
  if (blockedBy === 'need')
    return `${asked}: ${free}${pieces}. Were all of it one piece, ${amount(shortBytes)} would still be short.`;
  return `${asked}: ${pieces}; the dump does not have what the device had free.`;
}

function evidenceOf(device: DeviceAccount, isNamed: boolean): string[] {
  const { layout, attribution, isExact, peak, events, endBytes, endReservedBytes } = device;
  const of = isNamed ? `${device.device}: ` : '';
  const lines = attribution.lines
    .slice(0, NAMED)
    .map(({ label, bytes, blocks }) => `${label} ${amount(bytes)} in ${many(blocks, 'block')}`);
  const round = isExact ? '' : ' (earlier than the end, sizes are requests rounded up)';
  return [
    `${of}By line: ${lines.join('; ') || 'nothing'}.`,
    `${of}Reserved ${amount(layout.reservedBytes)} = requested ${amount(layout.requestedBytes)} + rounding ${amount(layout.roundingBytes)} + awaited by streams ${amount(layout.pendingBytes)} + stranded ${amount(layout.strandedBytes)} + releasable ${amount(layout.releasableBytes)}${layout.expandableFreeBytes > 0 ? ` + free in expandable segments ${amount(layout.expandableFreeBytes)}` : ''}${round}.`,
    ...(events === 0
      ? [`${of}It has no timeline: nothing was recorded, and this is the moment of the dump alone.`]
      : [
          `${of}Peak ${amount(peak.bytes)} ${peak.event < 0 ? 'before the first event' : `after event ${peak.event}`} of ${events}; at the end ${amount(endBytes)} in use, ${amount(endReservedBytes)} reserved.`,
        ]),
  ];
}

function nextOf(
  { attribution, refused, layout }: DeviceAccount,
  settings: SnapshotAccount['settings'],
): string[] {
  const total = Math.max(1, attribution.totalBytes);
  const before = attribution.categories.find(({ label }) => label === 'before recording')?.bytes ?? 0;
  const last = refused.at(-1);
  const isInUse = settings?.expandable_segments === true || layout.expandableFreeBytes > 0;
  return [
    ...(last?.blockedBy === 'pieces'
      ? expandableAdvice({ isInUse, engineSleeps: false }, 'so that pieces join.')
      : []),
    ...(before / total > MUCH
      ? [
          'Start recording before the model is built: torch.cuda.memory._record_memory_history(), so that its lines are known too.',
        ]
      : []),
    ...(last === undefined && layout.strandedBytes > layout.requestedBytes * MUCH
      ? ['Much is stranded in partly used segments: see which lines hold the pieces (--html).']
      : []),
    'Compare two moments: esper explain EARLIER --diff LATER; or another one of this file: --at end, --at EVENT.',
  ];
}

/** What changed between two snapshots. */
export function answerOfDifference(before: string, after: string, devices: DeviceDifference[]): Answer {
  const changed = devices.filter(({ lines }) => lines.length > 0);
  const top = [...changed].sort(
    (a, b) => Math.abs(b.afterBytes - b.beforeBytes) - Math.abs(a.afterBytes - a.beforeBytes),
  )[0];
  const first = top?.lines.find(({ isLine }) => isLine) ?? top?.lines[0];
  const total = (device: DeviceDifference) => device.afterBytes - device.beforeBytes;
  return {
    what: `two memory snapshots of PyTorch: ${before}, then ${after}`,
    whose: 'GPU',
    state: null,
    says:
      top === undefined || first === undefined
        ? 'No line holds more or less than before.'
        : `${top.device}: ${signed(total(top)) || 'no change'} in use. The line that changed most is \`${first.label}\`: ${signed(first.bytes)} (${first.kind}).`,
    confidence: 'certain',
    evidence: changed.flatMap(({ device, lines, beforeBytes, afterBytes }) => [
      `${device}: ${amount(beforeBytes)} before, ${amount(afterBytes)} after.`,
      ...lines
        .slice(0, 10)
        .map(
          ({ label, kind, beforeBytes: was, afterBytes: is, bytes }) =>
            `${label}: ${kind}, ${amount(was)} → ${amount(is)} (${signed(bytes)})`,
        ),
    ]),
    next: [],
  };
}
