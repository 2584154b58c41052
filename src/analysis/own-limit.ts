/** A process that reached the limit which it may use of a device: PyTorch’s own, or Metal’s. */
import { TORCH } from './device-names.ts';
import { OTHERS } from './neighbour-finding.ts';
import { smaller } from './program-words.ts';
import type { RefusedRequest } from './refused-request.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

/** Share above which tensors, or what is outside PyTorch, are most of what a process may use. */
const MOST_OF_LIMIT = 0.5;

const RAISE_METAL =
  'Raise the limit: PYTORCH_MPS_HIGH_WATERMARK_RATIO (the whole machine may then slow down, or fail).';
const UNBOUNDED_IN_VAIN =
  'The text has PYTORCH_MPS_HIGH_WATERMARK_RATIO set to 0, and a limit is in force all the same: PyTorch reads it once, as it starts. Set it in the environment of the very process that trains, before torch is imported.';
const OF_METAL =
  'Call torch.mps.empty_cache() between phases; what the process holds outside PyTorch (graphs that Metal compiled for each shape) goes with the process: shapes that are alike need fewer.';

/** @param limit bytes that it may use @param held bytes that it uses; null where that is not known */
export function atLimit(refused: RefusedRequest, limit: number, held: number | null): TextFinding {
  const { error, backend, program, settings, torch, others, asked, device } = refused;
  const { triedBytes, freeBytes } = error;
  const isMetal = error.device === 'mps';
  const outside = isMetal ? (others.outsideOfOwn ?? 0) : 0;
  const parts =
    outside > OTHERS * limit && torch !== null
      ? ` (PyTorch’s tensors ${torchAmount(torch)}, outside PyTorch ${torchAmount(outside)})`
      : '';
  const ofOwn =
    torch !== null && (isMetal || torch >= MOST_OF_LIMIT * limit) ? smaller(program, settings) : [];
  const ofMetal = outside > OTHERS * limit ? [OF_METAL] : [];
  return textFinding({
    kind: 'process limit',
    says: `The process reached its own limit: it may use ${torchAmount(limit)}, holds ${torchAmount(held)}${parts} and asked for ${triedBytes == null ? 'more' : asked}${freeBytes == null ? '' : `, while ${torchAmount(freeBytes)} of ${device} is free`}.`,
    evidence: refused.evidence,
    next: isMetal
      ? settings.isMetalUnbounded
        ? [UNBOUNDED_IN_VAIN, ...ofOwn, ...ofMetal]
        : outside > MOST_OF_LIMIT * limit
          ? [...ofMetal, ...ofOwn, RAISE_METAL]
          : [...ofOwn, ...ofMetal, RAISE_METAL]
      : [
          `Raise or remove the limit: ${TORCH[backend] ?? 'torch.cuda'}.set_per_process_memory_fraction${backend === 'cuda' ? ', or per_process_memory_fraction in PYTORCH_ALLOC_CONF' : ''}.`,
          ...ofOwn,
        ],
  });
}
