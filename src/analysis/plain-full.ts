/** A device that is simply full: the finding where no rule has a better cause, and what helps then. */
import { CALLED } from './device-names.ts';
import { joinAdvice } from './join-advice.ts';
import { BESIDE_POOL_OF_XLA, libraryAdvice, XLA } from './library-advice.ts';
import { OTHERS } from './neighbour-finding.ts';
import { isTinyRequest, leastInPieces } from './pieces.ts';
import { ownTensors, smaller, smallerScenes } from './program-words.ts';
import { ALL, OWN, type RefusedRequest } from './refused-request.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

export function plainFull(refused: RefusedRequest): TextFinding {
  const { error, program, isSmall, isOfUnknownDevice, evidence } = refused;
  return textFinding({
    kind: 'full',
    says: saysOf(refused),
    ...(program.is === 'engine' && error.allocatedBytes != null && { mark: 'engine' as const }),
    evidence,
    confidence:
      error.allocatedBytes != null
        ? 'certain'
        : error.by === 'onnx runtime' || isOfUnknownDevice
          ? 'possible'
          : 'likely',
    next: isSmall
      ? [
          `Use a smaller model, or half precision${refused.backend === 'cuda' ? '.' : '; where it is an integrated GPU, give it a larger share of memory (firmware: UMA frame buffer).'}`,
          ...(program.is === 'unknown' ? [] : smaller(program, refused.settings)),
        ]
      : nextOf(refused),
  });
}

function saysOf(refused: RefusedRequest): string {
  const { error, message, program, torch, shape, asked, device, subject, owner, others } = refused;
  const { triedBytes, totalBytes, freeBytes, processBytes, allocatedBytes, by } = error;
  if (refused.isSmall)
    return `${subject} is too small: ${torchAmount(totalBytes!)} in all, PyTorch holds ${torchAmount(torch)} and asked for ${asked}. This is not fragmentation.`;
  if (allocatedBytes != null && totalBytes != null)
    return allocatedBytes >= OWN * totalBytes || others.outside === null
      ? `${subject} is full of ${ownTensors(program)}: ${torchAmount(allocatedBytes)} of ${torchAmount(totalBytes)}, and ${asked} more was asked for.`
      : `${subject} is full: ${ownTensors(program)} hold ${torchAmount(allocatedBytes)} of ${torchAmount(totalBytes)}, ${torchAmount(others.outside)} is outside PyTorch, and ${asked} more was asked for.`;
  if (refused.isOfTorch && processBytes != null && totalBytes != null && processBytes >= OWN * totalBytes)
    return `${subject} is full: this process holds ${torchAmount(processBytes)} of ${torchAmount(totalBytes)}, and ${asked} more was asked for.`;
  if (refused.isOfUnknownDevice)
    return `TensorFlow could not have ${shape !== undefined ? asked : triedBytes == null ? 'the memory of a tensor' : `${asked} for a tensor`}. The text does not say whether it was the GPU’s memory or the host’s: “by allocator GPU_0_bfc” or “cpu” would.`;
  if (by === 'onnx runtime' && !/cuda|gpu|tensorrt/i.test(message))
    return `ONNX Runtime’s arena could not have ${asked}. It is the GPU’s where the session runs on one, else the host’s: the text does not say which.`;
  if (refused.isOfTorch)
    return `Out of GPU memory: ${asked} was refused${freeBytes == null || !refused.isFreeSound ? '' : ` with ${torchAmount(freeBytes)} of ${device} free`}${totalBytes == null ? ', and the text does not say who holds the rest' : ''}.`;
  if (owner === null)
    return `Out of GPU memory${by === 'mlx' ? '' : refused.library === 'jax' ? ' outside XLA’s pool' : ' outside PyTorch’s allocator'}: ${CALLED[by!] ?? by} asked ${device} for ${asked} and was refused.`;
  return `Out of the device’s memory, in ${owner}: ${asked} was refused${isFirst(error.device) ? '' : ` on ${error.device}`}${freeBytes == null ? '' : ` with ${torchAmount(freeBytes)} free`}${allocatedBytes == null ? '' : `, and ${owner} holds ${torchAmount(allocatedBytes)}`}.`;
}

/** Whether it is the first device, or none is named: the others are named in the answer. */
const isFirst = (device: string | null | undefined): boolean => device == null || !/:[1-9]/.test(device);

function nextOf(refused: RefusedRequest): string[] {
  const { error, program, unallocated, torch, owner, tool } = refused;
  const { triedBytes, privatePoolBytes } = error;
  const totalBytes = error.totalBytes ?? Number.POSITIVE_INFINITY;
  const ofLibrary = owner !== null || !refused.isOfTorch ? libraryAdvice(error, program, refused.shown) : [];
  const next: string[] = [];
  if (owner !== null || ofLibrary.length > 0) next.push(...ofLibrary);
  else {
    if (refused.library === 'jax') return [...BESIDE_POOL_OF_XLA, ...XLA];
    if (refused.shown.hasSimulator && (refused.others.outsideOfOwn ?? 0) >= OTHERS * totalBytes)
      next.push(smallerScenes(refused.settings));
    next.push(...smaller(program, refused.settings));
    if (!refused.isOfTorch)
      next.push(
        `Leave memory outside PyTorch: set_per_process_memory_fraction below 1${refused.hasEngine ? ', or a smaller share for the inference engine' : ''}.`,
      );
  }
  if (isTinyRequest(triedBytes) && unallocated !== null && unallocated >= leastInPieces(null) * totalBytes)
    next.push(
      ...joinAdvice(refused, [], {
        why: `for the ${torchAmount(unallocated)} that PyTorch keeps and no tensor uses.`,
      }),
    );
  if ((privatePoolBytes ?? 0) > OTHERS * totalBytes)
    next.push(
      'Capture fewer or smaller CUDA graphs: their private pools keep what they hold while the graphs live (torch.compile without mode="reduce-overhead"; vLLM: enforce_eager, fewer capture sizes).',
    );
  // Where its allocator has all of the device, or the figures leave nothing, nobody else does.
  if ((torch === null || torch < ALL * totalBytes) && !refused.others.isAccounted)
    next.push(`Look at ${tool} while it runs: who else holds memory of the device?`);
  return next;
}
