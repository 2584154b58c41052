/** PyTorch's allocator settings as text (`PYTORCH_ALLOC_CONF` and its older names) → its options. */

/** `a:1,b:[256:1,>:2]` → its options, the last of two that are alike. A part without a colon has the value ''. */
export function parseAllocatorConf(text: string): Map<string, string> {
  const options = new Map<string, string>();
  // A comma within brackets parts no options.
  for (const part of text.split(/,(?![^[]*\])/)) {
    if (part.trim() === '') continue;
    const colon = part.indexOf(':');
    const key = (colon === -1 ? part : part.slice(0, colon)).trim();
    options.set(key, colon === -1 ? '' : part.slice(colon + 1).trim());
  }
  return options;
}

/** Whether segments may grow in place: off by default. */
export const hasExpandableSegments = (options: ReadonlyMap<string, string>): boolean =>
  /^true$/i.test(options.get('expandable_segments') ?? '');

/** `max_split_size_mb`, MiB; null where it is not set or no number. */
export function maxSplitSizeMb(options: ReadonlyMap<string, string>): number | null {
  const text = options.get('max_split_size_mb');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
