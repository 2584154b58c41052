/** Errors that only repeat that something else has failed: their cause is in other lines, and they say nothing about it. */

/** The message where a text ends before its error. */
export const CUT = 'the text ends within a traceback, before its error';

/** Whether a message is that; what was printed before may stand in front. */
export const isCut = (message: string | null): boolean => message?.endsWith(CUT) === true;

/** In lower case. */
const REPEATS: readonly string[] = [
  CUT,
  'engine core initialization failed',
  'engine process failed to start',
  'enginecore encountered an issue',
  'engine loop is not running',
  'background loop has errored',
  'background loop is stopped',
  'see root cause above',
  'see stack trace (above)',
  'see stack trace above',
  'see the error above',
  'see above for the root cause',
  'workerproc initialization failed',
  'the actor died because of an error raised in its creation task',
  'training failed due to worker errors',
  'worker group startup',
  'to enable traceback see',
  'server process exited',
  'scheduler hit an exception',
  'rank 0 scheduler is dead',
  'command died with',
  'subprocess exited with',
  'process exited with non-zero',
  // Threads that read from a queue whose process is at its end.
  'handle is closed',
];

/** Classes by which a launcher repeats that a process of its own has ended. */
const LAUNCHER =
  /^(?:ChildFailedError|ActorDiedError|ActorUnavailableError|RayActorError|WorkerCrashedError|CalledProcessError|SignalException|ProcessExitedException|ProcessRaisedException|SystemExit)$/;

const isLauncher = (errorType: string | null): boolean => LAUNCHER.test(errorType ?? '');

/** Ray’s line of a task whose own error follows: `ray::Worker.step() (pid=7, ip=10.0.0.1)`. */
const REMOTE = /\bray::[^\n]{1,300}\(pid=\d/;
/** The main process of several that were spawned: the error of the one follows. */
const SPAWNED = /^-- Process \d{1,6} terminated with the following error/;

/** PyTorch’s words for an error of a thread or a worker, whose own text follows. */
const CAUGHT = /^Caught \w{1,80} in (?:pin memory|DataLoader worker|replica)\b[^\n]{0,120}$/;

/** Whether an error repeats another one’s end. */
export const isRepeat = (errorType: string | null, message: string): boolean => {
  const lower = message.toLowerCase();
  return (
    isLauncher(errorType) ||
    (errorType === 'Exception' && message.trim() === '') ||
    REMOTE.test(message) ||
    SPAWNED.test(message) ||
    CAUGHT.test(message.trim()) ||
    REPEATS.some(words => lower.includes(words))
  );
};
