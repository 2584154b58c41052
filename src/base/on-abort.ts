/** An abort handed on by hand: signals that are joined (`AbortSignal.any`, `.timeout`) are lost to the garbage collector on Node 20. */

/** What is needed of an AbortSignal: this room knows neither Node nor a browser. */
interface Aborting {
  readonly aborted: boolean;
  addEventListener(type: 'abort', then: () => void, options: { once: true }): void;
  removeEventListener(type: 'abort', then: () => void): void;
}

/**
 * Calls `then` once the signal aborts; at once where it has aborted already, when a listener would wait for ever.
 * @returns takes it back, so that a signal that lives long keeps nothing of what has ended
 */
export function onAbort(signal: Aborting, then: () => void): () => void {
  if (signal.aborted) {
    then();
    return () => {};
  }
  signal.addEventListener('abort', then, { once: true });
  return () => signal.removeEventListener('abort', then);
}
