/** Values at fewer than half of the points: a loop that prints its loss every so many steps. They are one line; elsewhere, null is a gap. */
export const isSparse = (series: ArrayLike<number | null | undefined>): boolean => {
  let known = 0;
  for (let i = 0; i < series.length; i++) if (series[i] != null) known++;
  return known * 2 < series.length;
};
