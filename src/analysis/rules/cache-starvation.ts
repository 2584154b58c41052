/** torch's idle cache fills the device, and others that ask the driver get none. */
import { amount } from '../../base/index.ts';
import { share } from '../../present/index.ts';
import { endEvidence } from './end.ts';
import { evidence, type Rule, updates } from './rule.ts';

/** Updates that make it more than an episode. */
const LEAST = 10;
/** Shares of the device: what others hold moved so much, and up to where so little was free. */
const MOVED = 0.003;
const BRIM = 0.005;
/** Who asks for a segment (20 MiB) is refused although less than that is left. */
const SEGMENT_BYTES = 20 * 2 ** 20;

export const cacheStarvation: Rule = ({ starved, first, end, totalBytes }) => {
  if (starved === null || !totalBytes) return null;
  const { idleBytes, freeBytes, othersMovedBytes } = starved;
  const explains = end?.by === 'library';
  const someoneAsks =
    othersMovedBytes > MOVED * totalBytes &&
    freeBytes < Math.max(BRIM * totalBytes, Math.min(SEGMENT_BYTES, BRIM * 4 * totalBytes));
  // What the cache grew by: where others grew by more, it is they who came.
  const came = Math.max(idleBytes - (first.idleBytes ?? 0), idleBytes / 2);
  if (!explains && !(someoneAsks && starved.updates >= LEAST)) return null;
  return {
    weight: came / totalBytes + (explains ? 1 : 0),
    finding: {
      kind: 'cache starvation',
      confidence: explains ? 'certain' : 'likely',
      says: `Torch keeps up to ${amount(idleBytes)} that it does not need, and leaves the device ${amount(freeBytes)} for all others.`,
      evidence: [
        evidence(
          `In ${updates(starved.updates)} as little as ${share(freeBytes / totalBytes)} of the device was free, ` +
            `while ${share(idleBytes / totalBytes)} of it lay in torch’s cache, neither needed nor stranded.`,
          starved,
          'TELE-781',
          'TELE-772',
          'TELE-786',
        ),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        'Call torch.cuda.empty_cache() before the rollout, and after an evaluation or whatever filled the cache.',
        'Bound what torch may reserve: torch.cuda.set_per_process_memory_fraction, or PYTORCH_ALLOC_CONF=garbage_collection_threshold:0.8.',
        'Give the inference engine its memory first (vLLM: gpu_memory_utilization), or let it sleep while the policy learns.',
      ],
    },
  };
};
