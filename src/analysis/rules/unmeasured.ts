/** Nothing was reported, or too little for a finding. */
import type { Finding } from '../../contract/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import { endEvidence } from './end.ts';
import { updates } from './rule.ts';

export const nothingReported: Finding = {
  kind: 'unmeasured',
  confidence: 'certain',
  says: 'No memory of a device was reported, so there is no verdict on it.',
  evidence: [],
  next: [
    'Record the trainer’s allocator: import esper_telemetry where torch is, and pass each update to it.',
  ],
};

/** Of a device that no rule has a word for. */
export function unmeasured({ newest, points, end }: DeviceAnalysis): Finding {
  if (newest.restingBytes === null && newest.peakBytes === null) return nothingReported;
  if (end === null)
    return {
      ...nothingReported,
      says: `${updates(points)} so far: too few for a verdict on memory.`,
      next: [],
    };
  return {
    ...nothingReported,
    says: `The training ran out of memory in its first ${updates(points + 1)}: it needs more than there is, and nothing had time to change.`,
    evidence: [endEvidence(end)],
    next: [
      'Use smaller microbatches with gradient accumulation, or activation checkpointing.',
      'See with `nvidia-smi` whether others hold memory of the device.',
    ],
  };
}
