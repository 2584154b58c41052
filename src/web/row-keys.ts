/**
 * Which row on the screen a run of the list is written into. A run that is shown again keeps its row; a new one takes the row of
 * one that went. With a letter in the filter most runs change, and to make a row takes several times what it takes to write it.
 */
export function rowKeys(
  ids: readonly string[],
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const shown = new Set(ids);
  const free = [...before].filter(([id]) => !shown.has(id)).map(([, key]) => key);
  let made = Math.max(-1, ...before.values());
  return new Map(ids.map(id => [id, before.get(id) ?? free.shift() ?? ++made]));
}
