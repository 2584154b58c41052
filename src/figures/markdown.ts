/** The Markdown that pages are made of. */
export const tick = (on: boolean) => (on ? '[x]' : '[ ]');
export const code = (text: string) => `\`${text}\``;
const cell = (text: string) => text.replaceAll('|', '\\|');
/** memory_usage_percent of memoryUsagePercent. */
export const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(h => '-'.repeat(h.length + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** All choices, the chosen ones ticked. */
export const ticks = <K extends string>(all: Record<K, string>, chosen: readonly K[]) =>
  (Object.keys(all) as K[]).map(key => `- ${tick(chosen.includes(key))} ${all[key]}`).join('\n');
