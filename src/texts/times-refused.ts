/** How often one request was refused, as a line of its own behind an error's words: an allocator prints each. */

const TIMES = /\n\(refused (\d{1,9}) times\)/;

export const timesRefused = (times: number): string => `(refused ${times} times)`;

/** The same as a sentence. */
export const refusedAgain = (times: number): string => `The request was refused ${times} times.`;

/** 1 where an error's words do not have it. */
export const timesRefusedIn = (message: string): number => Number(TIMES.exec(message)?.[1] ?? 1);
