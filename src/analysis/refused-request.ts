/** A refused request with what follows from its figures and its text: what the findings of a full device are made of. */
import { GIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import { doubtedFigures, oomContradictions } from '../figures/index.ts';
import { share } from '../present/index.ts';
import { hasSleepMode, type Shown } from '../texts/index.ts';
import { OWNERS, toolOf } from './device-names.ts';
import { figuresOfText } from './figures-of-text.ts';
import { othersOnDevice } from './others-on-device.ts';
import { torchAmount } from './text-finding.ts';

/** Share above which tensors fill a device by themselves. */
export const OWN = 0.75;
/** Share of a device above which what its allocator holds is the device, even where the text has no word of what is free. */
export const ALL = 0.9;
/** Up to this a device is a carve-out of the host's memory, or a toy. */
const SMALL_BYTES = 2 * GIB;

/** `OOM when allocating tensor with shape[4096,512] and type int32`: the size alone is of many shapes. */
const TENSOR = /\btensor with shape\s?(\[\d[\d,]{0,80}\]) and type (\w{1,12})/;

/** Whether it is PyTorch’s own allocator that was refused, as far as the text shows. */
const isOfTorch = (by: string | null | undefined): boolean =>
  by == null || by === 'pytorch' || by === 'metal' || by === 'unknown';

const ENGINE = /\b(?:vllm|sglang|verl)\b/i;
const hasEngineIn = (message: string): boolean => ENGINE.test(message) || hasSleepMode(message);

export type RefusedRequest = ReturnType<typeof refusedRequest>;

/** @param message the text, as far as it is known */
export function refusedRequest(error: OutOfMemory, message: string, backend: string, shown: Shown) {
  const { triedBytes, totalBytes, allocatedBytes, by } = error;
  const unallocated = error.reservedUnallocatedBytes ?? error.cachedBytes ?? null;
  const torch = allocatedBytes == null ? null : allocatedBytes + (unallocated ?? 0);
  const shape = triedBytes == null ? /\bshape\s?(\[\d[\d,\s]{0,80}\])/.exec(message)?.[1] : undefined;
  const asked =
    triedBytes != null
      ? torchAmount(triedBytes)
      : shape === undefined
        ? 'an allocation'
        : `a tensor of shape ${shape}`;
  // PyTorch reaches a TPU through the same compiler.
  const isXla = by === 'jax' && backend === 'tpu' && shown.library !== 'jax';
  const owner = isXla ? 'XLA' : (OWNERS[by ?? ''] ?? null);
  const others = othersOnDevice(error, torch, backend);
  return {
    error,
    message,
    backend,
    program: shown.program,
    settings: shown.settings,
    library: shown.library,
    /** Whether an engine for inference was refused, or shares the device with what was. */
    hasEngine: shown.program.is === 'engine' || shown.settings.engineShare !== null || hasEngineIn(message),
    shown,
    isWindows: shown.isWindows,
    isUnix: shown.isUnix,
    /** Reserved and not in use, and with what is in use all that PyTorch holds. */
    unallocated,
    torch,
    /** Share of the device that PyTorch’s tensors hold; 0 where that is not known. */
    allocatedShare: allocatedBytes == null || totalBytes == null ? 0 : allocatedBytes / totalBytes,
    /** Of a tensor of which the text has no size. */
    shape,
    asked,
    device: error.device ?? 'the device',
    /** The same, where a sentence begins. */
    subject: error.device ?? 'The device',
    tool: toolOf(backend),
    /** A library that keeps a pool of its own; null for PyTorch and for those that ask the driver. */
    owner,
    isOfTorch: isOfTorch(by),
    others,
    isFreeSound: !doubtedFigures(error).has('freeBytes'),
    isSmall: totalBytes != null && totalBytes <= SMALL_BYTES,
    isOfUnknownDevice:
      by === 'tensorflow' &&
      error.device == null &&
      !shown.hasGpuPool &&
      !/gpu|cuda|cudnn|cublas|bfc|stream_executor/i.test(message),
    evidence: [
      figuresOfText(error),
      // Memory that was given back underneath is counted still.
      torch !== null && totalBytes != null && torch <= totalBytes * 1.001
        ? `${owner ?? 'PyTorch'} holds ${torchAmount(torch)} of ${torchAmount(totalBytes)} (${share(torch / totalBytes)}).`
        : null,
      TENSOR.exec(message)?.[0].replace(TENSOR, 'The tensor: shape $1, $2.') ?? null,
      ...others.says,
      ...oomContradictions(error),
    ],
  };
}
