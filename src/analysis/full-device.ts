/**
 * Whose memory it was that filled a device, from the figures of an out-of-memory message: what is neither PyTorch's nor free is
 * somebody's.
 */
import { GIB, MIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import { share } from '../present/index.ts';
import { EMPTY_POOL, type Library, type Shown } from '../texts/index.ts';
import { backendOf, driverOf } from './device-names.ts';
import { explainDriver } from './driver-finding.ts';
import { explainEngine } from './engine-finding.ts';
import { figuresOfText } from './figures-of-text.ts';
import { inPieces } from './in-pieces.ts';
import { joinAdvice } from './join-advice.ts';
import { explainKit } from './kit-finding.ts';
import { BESIDE_POOL_OF_XLA, libraryAdvice } from './library-advice.ts';
import { explainOthers } from './neighbour-finding.ts';
import { atLimit } from './own-limit.ts';
import { plainFull } from './plain-full.ts';
import { ownTensors, smaller, smallerModel } from './program-words.ts';
import { ALL, OWN, refusedRequest } from './refused-request.ts';
import { refusedThoughFree } from './refused-though-free.ts';
import { explainRequest, ofIntel } from './request-finding.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

/** Share of a limit from which an error that names no request is of the limit. */
const NEARLY = 0.9;
const FAR_MORE = 4;
/** Share of a device that is free below which other processes that the text names have filled it. */
const FULL_BESIDE = 0.02;
/** Share of a device that tensors hold below which fewer of them are no help. */
const FEW_TENSORS = 0.25;
const OF_DRIVER_ITSELF =
  'Where nobody does, the driver itself refused: look at dmesg and at its version, in a virtual machine (WSL2) or a container at what it is given of the device, and whether the same amount goes in smaller pieces.';
/** Share of a device that is free above which it is not full: what was asked for is large. */
const ROOM = 0.1;

/** Each figure of a text is rounded to a hundredth of its unit. */
const roundingOf = (bytes: number): number => Math.max(bytes / 1000, (bytes < GIB ? MIB : GIB) / 100);

/** XLA’s words where the driver itself refuses. */
const BESIDE_POOL = /CUDA_ERROR_OUT_OF_MEMORY|Failed to (?:launch|load)/;

/** `the largest contiguous region of free memory is 30.56M`, of a TPU. */
function largestPiece(message: string): string | null {
  const piece = /largest contiguous region of free memory is ([\d.]{1,12}[KMG])/i.exec(message)?.[1];
  return piece === undefined ? null : `The largest piece that is free: ${piece}iB.`;
}

/** Share of a device below which what is free is the driver’s own margin, or came free as the error was printed. */
const MARGIN = 0.01;
/** What has to be free for a request: PyTorch asks for 20 MiB at least, and the driver needs some for itself. */
const leastFree = (triedBytes: number, totalBytes: number | null | undefined, isOther: boolean): number =>
  isOther ? triedBytes : Math.max(Math.max(triedBytes, 20 * MIB) + 16 * MIB, MARGIN * (totalBytes ?? 0));

/**
 * @param message the text, as far as it is known: some have more than figures
 * @param shown by what stands around the error
 */
export function explainDevice(given: OutOfMemory, message: string, shown: Shown): TextFinding {
  const error = ofLibrary(given, shown.library);
  const backend = backendOf(error, message, shown.backend);
  const finding = explainEngine(error, message, backend, shown) ?? {
    ...explainFull(error, message, backend, shown),
    isWithoutFigures: figuresOfText(error) === null && (error.impossible ?? []).length === 0,
  };
  return { ...finding, refused: error };
}

/** Words of the driver, and of NVIDIA’s libraries, that several libraries print for a refusal. */
const OF_DRIVER: ReadonlySet<string> = new Set(['cuda', 'hip', 'metal', 'unknown']);
const OF_NVIDIA: ReadonlySet<string> = new Set(['cublas', 'cufft', 'cusolver', 'cusparse', 'cudnn']);

/** Whose refusal it is, where only the text around it names the library. */
function ofLibrary(error: OutOfMemory, library: Library | null): OutOfMemory {
  const by = error.by ?? 'unknown';
  const isOf = OF_DRIVER.has(by) || (library !== 'ggml' && library !== 'mlx' && OF_NVIDIA.has(by));
  return library !== null && isOf ? { ...error, by: library } : error;
}

function explainFull(error: OutOfMemory, message: string, backend: string, shown: Shown): TextFinding {
  const refused = refusedRequest(error, message, backend, shown);
  const { program, settings, torch, asked, device, subject, tool, owner, others, evidence } = refused;
  const { triedBytes, totalBytes, freeBytes, processBytes, allocatedBytes, allowedBytes, by } = error;
  const sums = { evidence, confidence: 'likely' as const };

  const request = explainRequest(error, message, refused);
  if (request !== null) return request;
  if (by === 'physx')
    return textFinding({
      kind: 'full',
      says: `Out of GPU memory outside PyTorch, in the simulator (PhysX): ${asked} was refused. Errors of its kernels behind it, such as an error 700, come of it.`,
      evidence,
      next: [
        'Make the simulator’s contact and pair buffers smaller, or simplify terrain meshes: they are allocated whatever the number of environments.',
        settings.isOneEnvironment
          ? 'Then a GPU of its own for the simulator: it simulates one environment already.'
          : 'Then fewer environments, or a GPU of its own for the simulator.',
      ],
    });
  if (by === 'kit') return explainKit(asked, { evidence, tool });
  if (
    allocatedBytes != null &&
    processBytes != null &&
    allocatedBytes > processBytes + roundingOf(processBytes)
  )
    return textFinding({
      kind: 'full',
      says: `${subject} is full: the process has ${torchAmount(processBytes)}${totalBytes == null ? '' : ` of ${torchAmount(totalBytes)}`}, and ${asked} more was asked for. PyTorch’s own count, ${torchAmount(allocatedBytes)}, is more than that: it counts memory that was given back to the driver underneath it, as an inference engine does that sleeps.`,
      evidence,
      confidence: 'likely',
      next: [
        'Give the inference engine a smaller share of the device (vLLM: gpu_memory_utilization; SGLang: mem_fraction_static), and see that it sleeps before the update.',
        ...smaller(program, settings),
      ],
    });
  if (allocatedBytes != null && totalBytes != null && allocatedBytes > totalBytes * 1.001)
    return textFinding({
      kind: 'full',
      says: `${subject} is full: PyTorch’s tensors take ${torchAmount(allocatedBytes)}, more than its ${torchAmount(totalBytes)}. What is beyond lies in the host’s memory, as ${/\bHIP\b/.test(message) ? 'the driver lets it (shared GPU memory; GTT on Linux)' : 'Windows’ driver lets it (shared GPU memory)'}, and is slow; ${asked} more was asked for.`,
      ...sums,
      next: [
        ...smaller(program, settings),
        /\bHIP\b/.test(message)
          ? 'Give the GPU a larger share of memory where it is an integrated one (firmware: UMA frame buffer).'
          : 'Set the driver’s “CUDA - Sysmem Fallback Policy” to “Prefer No Sysmem Fallback”: it then fails at once instead of becoming slow.',
      ],
    });
  if (owner !== null && message.includes(EMPTY_POOL))
    return textFinding({
      kind: 'neighbour',
      says: `${subject} had no memory for ${owner} from the beginning: its pool has none at all, and ${asked} was refused. Others hold the device: other processes, or another library in this one.`,
      ...sums,
      next: [
        `See who it is with ${tool}: end what is left over from an earlier run, or give the program a device of its own.`,
        by === 'jax'
          ? 'Another JAX takes 75% of the device when it starts: XLA_PYTHON_CLIENT_PREALLOCATE=false or a smaller XLA_PYTHON_CLIENT_MEM_FRACTION for each that shares it.'
          : 'Another TensorFlow takes nearly all of the device when it starts: tf.config.experimental.set_memory_growth for each that shares it.',
      ],
    });
  if (owner !== null && allowedBytes != null && allocatedBytes != null) {
    const left = allowedBytes - allocatedBytes;
    const isInPieces = triedBytes != null && left >= triedBytes;
    return textFinding({
      kind: isInPieces ? 'fragmentation' : 'full',
      says: `Out of the device’s memory, in ${owner}: ${asked} was refused. ${owner} may use ${torchAmount(allowedBytes)}, and its tensors hold ${torchAmount(allocatedBytes)} of that (${share(allocatedBytes / allowedBytes)})${isInPieces ? `: the ${torchAmount(left)} that is left is in pieces` : `: ${torchAmount(Math.max(0, left))} is left`}.`,
      evidence,
      next: [
        ...libraryAdvice(error, program, shown),
        `Look at ${tool} while it runs: does anyone else hold memory of the device?`,
      ],
    });
  }
  const limit = allowedBytes ?? null;
  const held = processBytes ?? torch;
  const isAtLimit =
    limit !== null &&
    held !== null &&
    (triedBytes == null && error.device === 'mps'
      ? held > NEARLY * limit
      : held + (triedBytes ?? 0) > limit - roundingOf(limit));
  if (isAtLimit) return atLimit(refused, limit, held);
  const { isFreeSound, isSmall } = refused;
  const isFree =
    freeBytes != null &&
    triedBytes != null &&
    isFreeSound &&
    freeBytes >= leastFree(triedBytes, totalBytes, owner !== null) &&
    // What is left beside processes that are named may have come free as the error was printed.
    !(others.who !== '' && freeBytes < FULL_BESIDE * (totalBytes ?? 0));
  if (isFree && owner !== null)
    return textFinding({
      kind: 'fragmentation',
      says: `${asked} in one piece was refused though ${torchAmount(freeBytes)} of ${device} is free: it is in pieces (${owner}).`,
      ...sums,
      evidence: [...evidence, largestPiece(message)],
      next: [...libraryAdvice(error, program, shown)],
    });
  if (isFree) return refusedThoughFree(refused);
  const neighbour = explainOthers(error, message, { others, evidence, backend, program, settings, shown });
  if (neighbour !== null) return neighbour;
  const isUnexplained =
    !isSmall &&
    freeBytes == null &&
    torch !== null &&
    totalBytes != null &&
    torch < ALL * totalBytes &&
    torch + (triedBytes ?? 0) < totalBytes;
  if (isUnexplained && error.device !== 'mps')
    return textFinding({
      kind: 'full',
      says: `${asked} was refused though PyTorch holds only ${torchAmount(torch)} of ${device}’s ${torchAmount(totalBytes)}: the text does not say what is free, so others hold the rest, or one allocation may not be so large.`,
      evidence,
      confidence: 'possible',
      next: [
        `Look at ${tool} while it runs: who else holds memory of the device?`,
        ...ofIntel(error),
        ...(refused.allocatedShare < FEW_TENSORS ? [OF_DRIVER_ITSELF] : smaller(program, settings)),
      ],
    });
  const pieces = inPieces(refused);
  if (pieces !== null) return pieces;
  if (/No executable batch size found/i.test(message))
    return textFinding({
      kind: 'full',
      says: 'Out of GPU memory: the trainer looked for a batch size that fits, and not even the smallest did.',
      ...sums,
      next: [smallerModel(program), `Look at ${tool} while it runs: who else holds memory of the device?`],
    });
  const isRoomLeft =
    owner === null &&
    totalBytes != null &&
    freeBytes != null &&
    isFreeSound &&
    freeBytes >= ROOM * totalBytes &&
    allocatedBytes != null &&
    (allocatedBytes < OWN * totalBytes || (triedBytes != null && freeBytes >= NEARLY * triedBytes));
  const { unallocated } = refused;
  const isKept =
    isRoomLeft &&
    triedBytes != null &&
    unallocated !== null &&
    // Much of a device, or far more than what was missing.
    (unallocated >= ROOM * totalBytes || unallocated >= FAR_MORE * Math.abs(triedBytes - freeBytes)) &&
    unallocated + freeBytes >= triedBytes;
  if (isRoomLeft)
    return textFinding({
      kind: 'full',
      says: `${subject} has not enough left: ${asked} was asked for at once, and ${torchAmount(freeBytes)} of ${torchAmount(totalBytes)} is free. Of it ${ownTensors(program)} hold ${torchAmount(allocatedBytes)}${others.outside === null || others.isAccounted ? '' : `, and ${torchAmount(others.outside)} is outside PyTorch`}.${isKept ? ` PyTorch keeps ${torchAmount(unallocated)} that no tensor uses: with what is free it would do, in one piece.` : ''}`,
      evidence,
      next: [
        ...(isKept
          ? joinAdvice(refused, smaller(program, settings), {
              why: `for the ${torchAmount(unallocated)} that PyTorch keeps and no tensor uses.`,
            })
          : smaller(program, settings)),
        ...(others.isAccounted
          ? []
          : [`Look at ${tool} while it runs: who else holds memory of the device?`]),
      ],
    });
  if (by === 'jax' && triedBytes == null && BESIDE_POOL.test(message))
    return textFinding({
      kind: 'full',
      says: 'Out of GPU memory at the CUDA driver, beside XLA’s own pool: a kernel could not be loaded or launched, or a library of NVIDIA’s could not have its own memory. XLA’s pool and other processes have taken the rest of the device.',
      evidence,
      confidence: 'possible',
      next: BESIDE_POOL_OF_XLA,
    });
  const driver = triedBytes == null ? driverOf(by, backend) : undefined;
  if (driver !== undefined)
    return explainDriver(driver, {
      message,
      evidence,
      tool,
      isCuPy: by === 'cupy',
      isOfJava: shown.isOfJava,
      isRecent: shown.isRecentTorch,
    });
  return plainFull(refused);
}
