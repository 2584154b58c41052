/** Braille characters as a grid of points: two across and four down in each. */

/** Where a character has its dots, [column][row]. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** The bit of the point in its character; points are counted from the top left. */
export const brailleDot = (x: number, y: number): number => DOTS[x & 1]![y & 3]!;

/** The character that has these dots. */
export const brailleOf = (dots: number): string => String.fromCharCode(0x2800 + dots);
