/** A request that was refused though more was free: what bounds a process, and what a driver refuses for. */
import { GIB } from '../base/index.ts';
import { settingsIn } from '../texts/index.ts';
import type { RefusedRequest } from './refused-request.ts';
import { LARGER_SHARE } from './request-finding.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

/** On Windows the total is what the device is sold with; on Linux the driver takes its own part of that (23.65 GiB of 24). */
const isWhole = (totalBytes: number | null | undefined): boolean =>
  totalBytes != null &&
  totalBytes >= GIB &&
  Math.abs(totalBytes / GIB - Math.round(totalBytes / GIB)) < ROUNDED;
const ROUNDED = 0.015;

export function refusedThoughFree({
  error: { freeBytes, totalBytes },
  message,
  backend,
  program,
  settings,
  isWindows,
  isUnix,
  isOfTorch,
  asked,
  device,
  subject,
  tool,
  evidence,
}: RefusedRequest): TextFinding {
  const isHip = /\bHIP\b/.test(message);
  const isCarveOut = isHip && (totalBytes ?? GIB) < GIB;
  const isUnlimited = settings.isUnbounded || settingsIn(message).isUnbounded;
  const ofWindows =
    isWindows || (!isUnix && (isWhole(totalBytes) || program.is === 'images'))
      ? [
          `${isWindows ? 'Windows’ driver bounds what one process may have of the device, and counts' : 'On Windows the driver counts'} the GPU’s memory against the machine’s memory and page file too: close other programs, and make the page file larger.`,
        ]
      : [];
  return textFinding({
    kind: 'refused though free',
    says: `${isCarveOut ? `${subject} is too small as configured: ${torchAmount(totalBytes!)} in all, as an integrated GPU’s part of the host’s memory is. ` : ''}${asked} was refused though ${torchAmount(freeBytes!)} of ${device} is free: ${isUnlimited ? '' : 'a limit on the process, '}a container’s share of the GPU, memory that came free meanwhile, or a refusal of the driver’s own${isWindows ? ', as Windows’ where memory and page file have no room' : ''}.`,
    confidence: 'possible',
    evidence: [
      ...evidence,
      isUnlimited
        ? 'PyTorch itself has no limit set: the one that it prints is all that a number can hold.'
        : null,
    ],
    next: [
      ...(isCarveOut ? [LARGER_SHARE] : []),
      ...(isWindows ? ofWindows : []),
      isUnlimited
        ? `Look for programs that share the device (${tool}).`
        : backend === 'cuda' && isOfTorch
          ? `Look for a limit: torch.cuda.set_per_process_memory_fraction${isWindows ? '' : ', MIG or vGPU profiles, MPS limits'}.`
          : `Look for a limit on the process${backend === 'cuda' ? ' (MIG or vGPU profiles, MPS limits)' : ''}, and for programs that share the device.`,
      ...(isWindows ? [] : ofWindows),
      ...(isHip
        ? [
            'Where it stays refused with nothing else running: another version of ROCm, of the driver and of PyTorch’s build for this GPU.',
          ]
        : []),
    ],
  });
}
