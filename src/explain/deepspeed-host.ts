/** DeepSpeed’s line of the host’s memory, beside those of the device: `CPU Virtual Memory:  used = 118.42 GB, percent = 94.1%`. Its GB are GiB. */

const HOST =
  /CPU Virtual Memory: {1,4}used = (\d{1,7}(?:\.\d{1,6})?) GB, percent = (\d{1,3}(?:\.\d{1,6})?)%/g;
/** Share of the host’s memory, in hundredths, above which it is nearly gone. */
const FULL = 95;

/** What it adds to an answer; null where the text has no such line. */
export function readDeepspeedHost(text: string): { says: string; isFull: boolean } | null {
  const all = [...text.matchAll(HOST)];
  const last = all.at(-1);
  if (last === undefined) return null;
  const most = Math.max(...all.map(([, used]) => Number(used)));
  const isFull = Number(last[2]) >= FULL;
  return {
    isFull,
    says: `The host, by DeepSpeed’s last line of it: ${last[1]} GiB in use, ${last[2]}% of what it has${all.length > 1 && most > Number(last[1]) ? `; at most ${most} GiB` : ''}${isFull ? ': nearly all' : ''}.`,
  };
}
