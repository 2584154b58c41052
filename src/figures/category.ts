/** A figure's category is the range of its record's number, as the original numbering has it. */
const ranges = [
  { from: 1, to: 99, category: 'training' },
  { from: 100, to: 199, category: 'policy' },
  { from: 200, to: 299, category: 'value' },
  { from: 300, to: 399, category: 'gradient' },
  { from: 700, to: 799, category: 'infrastructure' },
] as const;

export type Category = (typeof ranges)[number]['category'];

/** The category of a record's id; null where no range holds it. */
export function categoryOf(id: string): Category | null {
  const number = Number(/^TELE-(\d{3})$/.exec(id)?.[1]);
  return ranges.find(range => number >= range.from && number <= range.to)?.category ?? null;
}
