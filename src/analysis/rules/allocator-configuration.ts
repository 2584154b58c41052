/** The allocator has to stop before the device is full, or its options conflict. */

import { amount } from '../../base/index.ts';
import { type Evidence, hasExpandableSegments, parseAllocatorConf } from '../../contract/index.ts';
import { share } from '../../present/index.ts';
import type { DeviceAnalysis } from '../device-analysis.ts';
import { endEvidence } from './end.ts';
import { evidence, type Rule, type Ruling, spanOf } from './rule.ts';

/** Pressure above which the limit is felt. */
const TIGHT = 0.85;
/** Share of the device that reserved memory grew by where options that contradict each other let it. */
const GROWN = 0.1;

export const allocatorConfiguration: Rule = facts => limited(facts) ?? contradicted(facts);

function limited({ newest, end, highest, refusals, totalBytes, last, wall }: DeviceAnalysis): Ruling | null {
  if (!totalBytes) return null;
  const fraction = newest.processFraction;
  const isSet = fraction !== null && fraction < 1;
  // Refused what the device had: only a limit does that.
  const refused = end?.by === 'torch' && end.triedBytes !== null && (end.freeBytes ?? 0) >= end.triedBytes;
  if (!isSet && !refused) return null;
  const left = isSet
    ? (last.freeBytes ?? 0) + (last.reservedBytes ?? 0) - fraction * totalBytes
    : end!.freeBytes!;
  if (left <= 0) return null;
  if (!refused && refusals.retries === 0 && (highest?.pressureFraction ?? 0) < TIGHT) return null;
  return {
    weight: left / totalBytes + (refused ? 1 : 0),
    finding: {
      kind: 'allocator configuration',
      confidence: isSet ? 'certain' : 'likely',
      says: isSet
        ? `The process may have ${share(fraction)} of the device, and ${amount(left)} lie free beyond that limit.`
        : `The allocation failed although the device had ${amount(left)} free: a limit on the process is in force.`,
      evidence: [
        ...(isSet
          ? [
              evidence(
                `The limit is ${amount(fraction * totalBytes)} of ${amount(totalBytes)}; the allocator was refused memory ${refusals.retries} times, while the device had ${amount(last.freeBytes)} free.`,
                wall ?? last,
                'TELE-761',
                'TELE-750',
                'TELE-786',
              ),
            ]
          : []),
        ...(end === null ? [] : [endEvidence(end)]),
      ],
      next: [
        'Raise or remove the limit: torch.cuda.set_per_process_memory_fraction, or per_process_memory_fraction in PYTORCH_ALLOC_CONF.',
      ],
    },
  };
}

/** Expandable segments with max_split_size_mb: reserved memory grows without bound (pytorch#123548). */
function contradicted({ allocatorConf, expandable, trend, totalBytes, end }: DeviceAnalysis): Ruling | null {
  const conf = allocatorConf ?? '';
  const options = parseAllocatorConf(conf);
  if (!hasExpandableSegments(options) || !options.has('max_split_size_mb')) return null;
  const [reserved, rest] = [trend('reserved'), trend('rest')];
  if (!totalBytes || !reserved?.grows || reserved.growth < GROWN * totalBytes) return null;
  if (rest?.grows && rest.growth > reserved.growth / 2) return null;
  const seen: Evidence = evidence(
    `Reserved memory grew by ${amount(reserved.growth)}, memory at rest did not; the allocator’s configuration is ${conf}.`,
    spanOf(reserved),
    'TELE-772',
  );
  return {
    weight: reserved.growth / totalBytes + (end === null ? 0 : 1),
    finding: {
      kind: 'allocator configuration',
      confidence: 'likely',
      says: 'Expandable segments and max_split_size_mb conflict: reserved memory grows without need.',
      evidence: end === null ? [seen] : [seen, endEvidence(end)],
      next: [
        `Remove max_split_size_mb from PYTORCH_ALLOC_CONF${expandable.engineSleeps ? '' : ', and keep expandable_segments:True'}.`,
      ],
    },
  };
}
