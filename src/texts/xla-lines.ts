/** What XLA prints of a program that is too large, beside the error: how far it could be made smaller. */

/** `Can't reduce memory use below 2.12GiB (…) by rematerialization; only reduced to 5.65GiB (6063398400 bytes), …` */
const LEAST = /by rematerialization; only reduced to ([\d.]{1,12}[KMGT]iB)/;

/** The words of it in a line; null for any other line. */
export const leastOfXla = (line: string): string | null => LEAST.exec(line)?.[0] ?? null;

/** The amount in a text that has them; null where it has none. */
export const leastInXla = (text: string): string | null => LEAST.exec(text)?.[1] ?? null;
