/** The count of a progress bar as tqdm and its like draw it: ` 34%|███▍      | 41/120 [00:41<01:19,  1.00s/it]`. */
const BAR = /\| {0,8}(\d{1,12})\/(\d{1,12}) \[/;

/** null where the line is no bar. */
export function barCount(text: string): { done: number; total: number } | null {
  const count = text.includes('/') ? BAR.exec(text) : null;
  return count === null ? null : { done: Number(count[1]), total: Number(count[2]) };
}

/** A rate of data that is read, mapped or downloaded: `953/953 [00:00<00:00, 9120.09 examples/s]`. */
const OF_DATA = /\[[\d:?]{1,12}<[\d:?]{1,12}, {1,8}[\d.?]{1,12}(?: (?:examples|files)|[kMG]?B)\/s[\],]/;

/** Whether a bar counts data, and no steps. */
export const countsData = (text: string): boolean => text.includes('/s') && OF_DATA.test(text);
