/** How a program is asked to end, and with which exit code it then does. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** A shell returns this and the signal's number of a process that a signal ended. */
export const OF_SIGNAL = 128;

/** Of a program that Ctrl-C ended. */
export const INTERRUPTED = OF_SIGNAL + 2;
