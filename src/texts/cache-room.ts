/** vLLM's lines of what its share of the device leaves for the KV cache, once the model is loaded. */

/** `Available KV cache memory: -1.22 GiB`, `… the rest of the memory reserved for KV Cache is -1.05GiB.` */
const LEFT =
  /(?:Available KV cache memory: |kv_cache_size=|reserved for KV Cache is )(-?[\d.]{1,10}\d) ?GiB/g;

/** One of these stands in each such line of less than nothing. Lower case. */
export const noRoomWords: readonly string[] = [
  'available kv cache memory: -',
  'kv_cache_size=-',
  'reserved for kv cache is -',
];

/** The last of them in a text, and its GiB; null where it has none. */
export function cacheRoomIn(text: string): { words: string; gib: number } | null {
  const last = [...text.matchAll(LEFT)].at(-1);
  return last === undefined ? null : { words: last[0], gib: Number(last[1]) };
}
