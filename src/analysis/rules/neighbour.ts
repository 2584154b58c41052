/** Another process, or a library of this one, takes the device's memory. */
import { amount, count } from '../../base/index.ts';
import { share } from '../../present/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import { endEvidence } from './end.ts';
import { evidence, minus, type Rule } from './rule.ts';

/** Shares of the device that came: where it gets tight, and where it does not. */
const GROWN = 0.05;
const MUCH = 0.15;
const TIGHT = 0.6;

/** Named at most; the rest is counted. */
const NAMED = 3;

/** The processes that hold most, by name; null where the driver reported none. */
function named(processes: DeviceAnalysis['neighbours']): string | null {
  const holders = processes.filter(({ usedBytes }) => usedBytes).sort((a, b) => b.usedBytes! - a.usedBytes!);
  if (holders.length === 0) return null;
  const those = holders
    .slice(0, NAMED)
    .map(
      ({ name, pid, usedBytes }) => `${name ?? 'a process'} (pid ${pid ?? 'unknown'}) ${amount(usedBytes!)}`,
    );
  const others = holders.length - those.length;
  return `The driver names them: ${those.join(', ')}${others > 0 ? `, and ${count(others)} more` : ''}.`;
}

export const neighbour: Rule = facts => {
  const { first, last, end, totalBytes, highest, newest, firstAtLeast } = facts;
  if (!totalBytes) return null;

  const grown = minus(last.othersBytes, first.othersBytes);
  const atEnd = end?.neighbourBytes ?? null;
  const came = Math.max(grown ?? 0, minus(atEnd, first.othersBytes) ?? 0);
  const explains = end !== null && came >= GROWN * totalBytes;
  const isTight = explains || (highest?.pressureFraction ?? 1) > TIGHT;
  if (came < (isTight ? GROWN : MUCH) * totalBytes) return null;
  const who = named(facts.neighbours);
  const fromBatch = firstAtLeast('others', (first.othersBytes ?? 0) + came / 2);
  const where = { fromBatch, toBatch: newest.batch };
  const matters = explains || (highest?.pressureFraction ?? 0) > 0.8;

  return {
    weight: came / totalBytes + (explains ? 1 : 0),
    finding: {
      kind: 'neighbour',
      confidence: atEnd !== null && atEnd > GROWN * totalBytes ? 'certain' : 'likely',
      says: `Others take the device’s memory: ${amount(came)} more than at first${matters ? '' : ', and the training still fits'}.`,
      evidence: [
        evidence(
          `Used on the device and not by this allocator: ${amount(first.othersBytes)} at first, ${amount(last.othersBytes)} at last (${share((last.othersBytes ?? 0) / totalBytes)} of the device).`,
          where,
          'TELE-785',
          'TELE-784',
        ),
        ...(who === null ? [] : [evidence(who, where, 'TELE-784')]),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        who === null
          ? 'See who it is: `nvidia-smi` lists the processes of the device; end what is left over, or give the training a device of its own.'
          : 'End what is left over, or give the training a device of its own.',
        'Where both must share, bound each: torch.cuda.set_per_process_memory_fraction, or the inference engine’s own share (vLLM: gpu_memory_utilization).',
      ],
    },
  };
};
