/** A request that would have fitted into what PyTorch keeps and no tensor uses, were it in one piece. */
import type { FailedProgram } from '../texts/index.ts';
import { joinAdvice } from './join-advice.ts';
import { isFullBesidePieces, leastInPieces } from './pieces.ts';
import { plainFull } from './plain-full.ts';
import { smaller } from './program-words.ts';
import { OWN, type RefusedRequest } from './refused-request.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

const PIECES_OF_SMALL = 0.5;
/** Programs that take no step whose shapes could differ: they load, read or save. */
const HAS_NO_STEPS: ReadonlySet<FailedProgram['is']> = new Set(['loading', 'checkpoint', 'saving']);
const ALIKE = 'Make shapes alike from step to step: pad or bucket sequences.';

/** null where the pieces together are too few. */
export function inPieces(refused: RefusedRequest): TextFinding | null {
  const { error, backend, program, settings, isSmall, unallocated, asked, device } = refused;
  const { triedBytes, totalBytes, allocatedBytes } = error;
  const given = program.is === 'engine' ? undefined : program.given;
  // A small device is full of what any program needs: only most of it in pieces is fragmentation.
  const [times, least] = isSmall ? [2, PIECES_OF_SMALL] : [1, leastInPieces(triedBytes)];
  if (
    unallocated === null ||
    triedBytes == null ||
    unallocated < times * triedBytes ||
    unallocated < least * (totalBytes ?? 0)
  )
    return null;
  if (isFullBesidePieces(allocatedBytes, unallocated, totalBytes)) {
    const full = plainFull(refused);
    return {
      ...full,
      confidence: 'likely',
      says: `${full.says} The ${torchAmount(unallocated)} that PyTorch keeps in pieces would have held it: in one piece it fits, and little is left then.`,
      next: joinAdvice(refused, full.next, { why: `which joins the ${torchAmount(unallocated)}.` }),
    };
  }
  return textFinding({
    kind: 'fragmentation',
    says: `Out of memory by fragmentation on ${device}: PyTorch keeps ${torchAmount(unallocated)} that no tensor uses, in pieces that ${asked} does not fit into.`,
    evidence: refused.evidence,
    confidence: 'likely',
    next: joinAdvice(
      refused,
      [
        ...(backend === 'xpu' ? ['Call torch.xpu.empty_cache() between phases whose shapes differ.'] : []),
        // While weights are put there, no step has been taken; what sees images has them of one size, mostly.
        ...(HAS_NO_STEPS.has(program.is) || given === 'images'
          ? smaller(program, settings)
          : refused.allocatedShare < OWN
            ? [ALIKE, ...smaller(program, settings)]
            : [...smaller(program, settings), ALIKE]),
      ],
      { isFirst: true },
    ),
  });
}
