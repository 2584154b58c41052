/** How a program is asked to end, and with which exit code it then does. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** As a shell reports a program that Ctrl-C ended. */
export const INTERRUPTED = 130;
