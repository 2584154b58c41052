/** An abort handed on by hand: signals that are joined (`AbortSignal.any`, `.timeout`) are lost to the garbage collector on Node 20. */

/**
 * Calls `then` once the signal aborts; at once where it has aborted already, when a listener would wait for ever.
 * @returns takes it back, so that a signal that lives long keeps nothing of what has ended
 */
export function onAbort(signal: AbortSignal, then: () => void): () => void {
  if (signal.aborted) {
    then();
    return () => {};
  }
  signal.addEventListener('abort', then, { once: true });
  return () => signal.removeEventListener('abort', then);
}
