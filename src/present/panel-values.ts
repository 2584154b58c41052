/** What is known of a device, a host, a learner and its phases, figure by figure, as every screen writes it. */
import { count, GIB, gib, gibRounded, UNKNOWN } from '../base/index.ts';
import { type HostState, isOver, type Ledger, type OwnFigure, type PhaseMemory } from '../contract/index.ts';
import { stepTrends, type TrendFigure, updateTrends } from '../figures/index.ts';
import { milliseconds, nonFiniteText, percent, scaled, short } from './figure-text.ts';
import { headroomFigure, pressureFigure } from './status-line.ts';
import {
  healthTone,
  type LabelledValue,
  type NewestDevice,
  type NewestRank,
  type StyledText,
  type Tone,
} from './styled-text.ts';

const labelled = (label: string, text: string, figure: string, tone: Tone = 'plain'): LabelledValue => ({
  label,
  value: { text, tone },
  figure,
});

/** A count that must not be above zero. */
const failureCount = (label: string, value: number | null, figure: string): LabelledValue =>
  labelled(label, count(value), figure, value !== null && value > 0 ? 'critical' : 'plain');

/** Whether a full pool is a state of the run: not on a device that has room for it to grow. */
export const poolMatters = ({
  infrastructure,
  pressure,
  usedPercent,
}: Pick<NewestDevice, 'infrastructure' | 'pressure' | 'usedPercent'>): boolean =>
  infrastructure.contradiction !== null ||
  usedPercent === null ||
  pressure.status === 'warning' ||
  pressure.status === 'critical';

/** How much of the pool is in use: `pool use 82%`, `allocated 4.10 of 5.00 GiB`, `idle 0.18`; none where nothing of it was read. */
export function poolValues(
  device: Pick<NewestDevice, 'infrastructure' | 'pressure' | 'usedPercent'>,
): [] | [use: LabelledValue, allocated: LabelledValue, idle: LabelledValue] {
  const { infrastructure: pool } = device;
  const { cudaMemoryAllocatedGb: allocated, cudaMemoryReservedGb: reserved } = pool;
  if (allocated === null && reserved === null) return [];
  const isMeasured = allocated !== null && reserved !== null && reserved > 0;
  const bytes = (gb: number | null) => gib(gb === null ? null : gb * GIB);
  return [
    labelled(
      'pool use',
      isMeasured ? percent(pool.memoryUsagePercent) : UNKNOWN,
      'memoryUsagePercent',
      pool.contradiction !== null ? 'critical' : poolMatters(device) ? healthTone[pool.memoryStatus] : 'dim',
    ),
    labelled('allocated', `${bytes(allocated)} of ${bytes(reserved)} GiB`, 'cudaMemoryAllocatedGb'),
    labelled('idle', pool.cudaMemoryFragmentation?.toFixed(2) ?? UNKNOWN, 'cudaMemoryFragmentation'),
  ];
}

/** What the peak needed of what there is to have: pressure, budget, headroom; none where the budget is not known. */
export function pressureValues({ pressure }: Pick<NewestDevice, 'pressure'>): LabelledValue[] {
  if (pressure.budgetBytes === null) return [];
  return [
    pressureFigure(pressure),
    labelled('budget', `${gib(pressure.budgetBytes)} GiB`, 'budgetBytes'),
    headroomFigure(pressure),
  ].filter(known => known !== null);
}

/** What the allocator counted, then what is known of the device beyond it; of the latter only what was measured. */
export function counterValues(device: NewestDevice): LabelledValue[] {
  const { driver, reading, peakAllocatedBytes: peak } = device;
  const { peakReservedBytes: peakReserved = null, resolutionBytes = null } = reading ?? {};
  const scope = device.peakScope === 'update' ? ' this update' : '';
  const most = (bytes: number | null) =>
    bytes === null ? UNKNOWN : `${gibRounded(bytes, resolutionBytes)} GiB${scope}`;
  const reserved = labelled('peak reserved', most(peakReserved), 'peakReservedBytes');
  const isAlone = peak === null && peakReserved !== null;
  const facts = [
    isAlone ? reserved : labelled('peak', most(peak), 'cudaMemoryPeakGb'),
    failureCount('retries', device.allocRetries, 'allocRetries'),
    failureCount('OOMs', device.ooms, 'ooms'),
    labelled('device allocs', count(device.deviceAllocs), 'deviceAllocs'),
  ];
  // Beside the other peak it must not push refusals out of a narrow panel's one row.
  if (peakReserved !== null && !isAlone) facts.push(reserved);
  if (device.fragmentation !== null)
    facts.push(labelled('fragmentation', device.fragmentation.toFixed(2), 'fragmentation'));
  if (device.syncAllStreams !== null)
    facts.push(labelled('stream syncs', count(device.syncAllStreams), 'syncAllStreams'));
  if (device.usedPercent !== null)
    facts.push(labelled('device used', percent(device.usedPercent), 'usedPercent'));
  if (driver?.utilizationPercent != null)
    facts.push(labelled('busy', percent(driver.utilizationPercent), 'utilizationPercent'));
  if (driver?.temperatureCelsius != null)
    facts.push(labelled('temp', `${driver.temperatureCelsius.toFixed(0)} °C`, 'temperatureCelsius'));
  if (driver?.powerWatts != null)
    facts.push(labelled('power', `${driver.powerWatts.toFixed(0)} W`, 'powerWatts'));
  return facts;
}

/** The host's side: RAM, the trainer's share of it, CPU; only what was sampled. */
export function hostValues(host: HostState): LabelledValue[] {
  const facts: LabelledValue[] = [];
  if (host.ramUsedBytes !== null)
    facts.push(
      labelled('host RAM', `${gib(host.ramUsedBytes)} of ${gib(host.ramTotalBytes)} GiB`, 'ramUsedBytes'),
    );
  if (host.processRssBytes !== null)
    facts.push(labelled('trainer', `${gib(host.processRssBytes)} GiB`, 'processRssBytes'));
  if (host.cpuPercent !== null) facts.push(labelled('CPU', percent(host.cpuPercent), 'cpuPercent'));
  return facts;
}

/** A figure of the learner that is shown with its history. */
export interface HistoryFigure extends TrendFigure {
  format: (value: number | null) => string;
}

const formats = { scaled, milliseconds };
const withFormat = (trend: TrendFigure): HistoryFigure => ({
  ...trend,
  format: trend.form === undefined ? short : formats[trend.form],
});

/** Of a PPO update, most telling first. */
export const ppoFigures: readonly HistoryFigure[] = updateTrends.map(withFormat);
/** Of a step of a loop that is not PPO. */
export const stepFigures: readonly HistoryFigure[] = stepTrends.map(withFormat);

/** What a figure was that is not finite, NaN or inf; null where it is, or was not reported. @param names under which it may be listed */
export function brokenValue(
  { nonFinite, nonFiniteValues }: NewestRank['ppo'],
  ...names: string[]
): string | null {
  const broken = nonFinite.findIndex(name => names.includes(name));
  return broken === -1 ? null : nonFiniteText(nonFiniteValues?.[broken]);
}

/** The newest value of such a figure; one that is not finite is shown as what it was. */
export function historyValue(
  { ppo }: NewestRank,
  { key, title, label, format }: HistoryFigure,
): LabelledValue {
  const broken = brokenValue(ppo, title, key);
  return broken === null
    ? labelled(label, format(ppo[key]), key)
    : labelled(label, broken, 'nonFinite', 'critical');
}

/** A figure of the trainer's own: its newest value; one that is not finite is named. */
export const ownValue = ({ name, value, nonFinite }: OwnFigure): { label: string; value: StyledText } => ({
  label: name,
  value:
    nonFinite === null
      ? { text: short(value), tone: 'plain' }
      : { text: nonFiniteText(nonFinite), tone: 'critical' },
});

/** Figures of the learner that have no history; only those that were measured. */
export function learnerValues({ ppo, newestTelemetryMs }: NewestRank): LabelledValue[] {
  const note = (label: string, value: number | null, figure: string, text: string): LabelledValue[] =>
    value === null ? [] : [labelled(label, text, figure)];
  const { epochs, earlyStopped } = ppo;
  return [
    ...note('lr', ppo.learningRate, 'learningRate', short(ppo.learningRate)),
    ...note('telemetry', newestTelemetryMs, 'telemetryMs', milliseconds(newestTelemetryMs)),
    ...note('rollout', ppo.rolloutMs, 'rolloutMs', milliseconds(ppo.rolloutMs)),
    ...note('length', ppo.episodicLength, 'episodicLength', short(ppo.episodicLength)),
    ...note('steps', ppo.totalSteps, 'totalSteps', scaled(ppo.totalSteps)),
    ...note('episodes', ppo.totalEpisodes, 'totalEpisodes', scaled(ppo.totalEpisodes)),
    ...note('epochs', epochs, 'epochs', `${epochs}${earlyStopped ? ', stopped early' : ''}`),
    ...note('clip range', ppo.clipRange, 'clipRange', short(ppo.clipRange)),
  ];
}

export interface LedgerPart {
  part: 'active' | 'cache' | 'stranded' | 'context' | 'neighbours' | 'other' | 'free';
  bytes: number | null;
  /** GiB. */
  text: string;
  figure: string;
}

/** The parts of a device's memory in their order; of what others hold as much as is known. */
export function ledgerParts(ledger: Ledger): LedgerPart[] {
  const part = (name: LedgerPart['part'], bytes: number | null, figure: string): LedgerPart => ({
    part: name,
    bytes,
    text: bytes === null ? UNKNOWN : (bytes / GIB).toFixed(1),
    figure,
  });
  const isSplit = ledger.contextBytes !== null && ledger.neighbourBytes !== null;
  return [
    part('active', ledger.activeBytes, 'activeBytes'),
    part('cache', ledger.cacheBytes, 'cacheBytes'),
    part('stranded', ledger.strandedBytes, 'strandedBytes'),
    ...(isSplit
      ? [
          part('context', ledger.contextBytes, 'contextBytes'),
          part('neighbours', ledger.neighbourBytes, 'neighbourBytes'),
        ]
      : [part('other', ledger.otherBytes, 'otherBytes')]),
    part('free', ledger.freeBytes, 'freeBytes'),
  ];
}

/** The parts that are not known, in words; null where all are. */
export function unknownParts(parts: readonly LedgerPart[]): string | null {
  const unknown = parts.filter(({ bytes }) => bytes === null);
  if (unknown.length === 0) return null;
  return unknown.length === parts.length
    ? 'held, cached and free: not measured'
    : `${unknown.map(({ part }) => part).join(', ')} unknown`;
}

/** Hundredths, whatever the size: what a phase adds is small beside what there is. */
const HUNDREDTHS = 2;

export interface PhaseValues {
  /** What runs, `actor compute_log_prob`, where the phase's own name does not show it. */
  name: string;
  /** GiB, of tensors at the two edges; an edge that this round of the phase has not reached is unknown. */
  before: string;
  after: string;
  largest: string;
  reserved: string;
}

export function phaseValues(phase: PhaseMemory): PhaseValues {
  const { role, before, after, largestAllocatedBytes, resolutionBytes } = phase;
  const isUnderWay = before !== null && after !== null && before.timeMs > after.timeMs;
  const end = isUnderWay ? null : after;
  const fine = (bytes: number | null | undefined) => gibRounded(bytes ?? null, resolutionBytes, HUNDREDTHS);
  return {
    name: role === null || phase.phase.includes(role) ? phase.phase : `${role} ${phase.phase}`,
    before: fine(before?.allocatedBytes),
    after: fine(end?.allocatedBytes),
    largest: fine(largestAllocatedBytes),
    reserved: gibRounded((end ?? before)?.reservedBytes ?? null, resolutionBytes),
  };
}

/** What is wrong with a device's figures now, in words. */
export function deviceWarnings(device: NewestDevice): string[] {
  const contradiction = device.infrastructure.contradiction ?? device.ledger.contradiction;
  return [
    ...(contradiction ? [`figures disagree: ${contradiction}`] : []),
    ...(device.atTheWall ? ['at the wall: memory refused this update'] : []),
  ];
}

/** What stands where figures would be, of a rank that has none: it may have ended so. */
export const noUpdates = (rank: Pick<NewestRank, 'state'> | null): string =>
  rank !== null && isOver(rank.state) ? 'No update was reported.' : 'No update yet.';

/** What stands where a device's memory would be. */
export function unmeasuredMemory(rank: NewestRank | null): string {
  if (rank !== null && rank.updates === 0 && isOver(rank.state)) return 'No GPU memory was reported.';
  if (rank === null || rank.updates === 0) return 'No reading yet: the first update brings one.';
  if (rank.device === 'cpu')
    return 'This run trains on the CPU: no GPU memory is measured, so the banner shows none.';
  return 'This run has reported no GPU memory.';
}

/** What reading the log met, each in words; empty where all was read. */
export function readProblems({
  malformed,
  torn,
  lost,
  unknown,
}: Record<'malformed' | 'torn' | 'lost' | 'unknown', number>): string[] {
  const problem = (n: number, one: string, many: string) =>
    n > 0 ? [`${count(n)} ${n === 1 ? one : many}`] : [];
  return [
    ...problem(malformed, 'malformed line', 'malformed lines'),
    ...problem(lost, 'event lost', 'events lost'),
    ...problem(torn, 'torn line', 'torn lines'),
    ...problem(unknown, 'event of an unknown type', 'events of unknown types'),
  ];
}
