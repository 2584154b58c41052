/** Memory at the edges of phases: the newest reading of each device, and of each phase before and after it. */
import { type DeviceMemory, type EventOf, PHASES_LENGTH, type PhaseMemory } from '../contract/index.ts';
import { deviceUsedBytesOf } from '../figures/index.ts';
import type { RankDraft } from './draft.ts';
import { deviceMemory } from './memory.ts';

export function memorySampled(draft: RankDraft, event: EventOf<'MEMORY_SAMPLED'>): void {
  const rank = draft.state;
  for (const reading of event.data.memory) {
    deviceMemory(draft, event, rank.batch ?? rank.step ?? 0, reading);
    const { phase, role = null, worker = null } = event.data;
    const isSame = (p: PhaseMemory) =>
      p.phase === phase && p.role === role && p.worker === worker && p.device === reading.device;
    const before = rank.phases.find(isSame);
    rank.phases = [...rank.phases.filter(p => p !== before), phaseAfter(before, event, reading)].slice(
      -PHASES_LENGTH,
    );
  }
}

function phaseAfter(
  known: PhaseMemory | undefined,
  { timeMs, data }: EventOf<'MEMORY_SAMPLED'>,
  reading: DeviceMemory,
): PhaseMemory {
  const { allocatedBytes = null, reservedBytes = null } = reading;
  const edge = { timeMs, allocatedBytes, reservedBytes, usedBytes: deviceUsedBytesOf(reading) };
  const largest = known?.largestAllocatedBytes ?? null;
  return {
    phase: data.phase,
    role: data.role ?? null,
    worker: data.worker ?? null,
    device: reading.device,
    readings: (known?.readings ?? 0) + 1,
    unseen: (known?.unseen ?? 0) + (data.unseen ?? 0),
    before: data.when === 'before' ? edge : (known?.before ?? null),
    // A reading of no reported edge is what the phase left behind.
    after: data.when === 'before' ? (known?.after ?? null) : edge,
    largestAllocatedBytes:
      allocatedBytes === null || largest === null
        ? (allocatedBytes ?? largest)
        : Math.max(allocatedBytes, largest),
    resolutionBytes: reading.resolutionBytes ?? null,
  };
}
