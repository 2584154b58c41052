/** How long a test waits for what is to come, in milliseconds: far longer than anything takes, unless it is known to fail. */
export const PATIENCE_MS = Number(process.env.ESPER_TEST_PATIENCE_MS ?? 60_000);
