/** What joins the pieces that PyTorch keeps and no tensor uses: segments that grow, where the version has them. */
import { expandableAdvice, hasNoSegments, hasSleepMode, olderAdvice, UPDATE_TORCH } from '../texts/index.ts';
import { OWN, type RefusedRequest } from './refused-request.ts';

/**
 * With what makes a pass smaller: of a version without such segments that comes first, and an update last.
 * @param why what joining is good for: ends with a full stop
 * @param isFirst whether the pieces are the cause, and joining them comes before what makes a pass smaller
 */
export function joinAdvice(
  { message, backend, settings, hasEngine, allocatedShare }: RefusedRequest,
  smaller: readonly string[],
  { why = '', isFirst = false }: { why?: string; isFirst?: boolean } = {},
): string[] {
  if (hasNoSegments(message, backend)) {
    const kept = olderAdvice(message);
    return isFirst && allocatedShare < OWN
      ? [...kept, ...smaller, UPDATE_TORCH]
      : [...smaller, ...kept, UPDATE_TORCH];
  }
  const joined = expandableAdvice(
    { isInUse: settings.joinsPieces, engineSleeps: hasSleepMode(message), hasEngine, backend },
    why,
  );
  return isFirst ? [...joined, ...smaller] : [...smaller, ...joined];
}
