/** Rows that lie over the dashboard and can be scrolled: the help and the verdict. */
import { type Row, row } from '../base/index.ts';
import { box } from './layout.ts';
import type { View } from './view.ts';

/** Rows of an overlay that a view of this height shows at once. */
const shownRows = ({ height }: View): number => Math.max(1, height - 2);

/** Whether there is room for a border. */
const isBoxed = ({ width, height }: View): boolean => width >= 12 && height >= 3;

/** Columns that an overlay's rows may have. */
export const overlayWidth = (view: View): number => Math.max(1, isBoxed(view) ? view.width - 4 : view.width);

/** The last row that an overlay of so many rows may begin with. */
export const lastFrom = (rows: number, view: View): number => Math.max(0, rows - shownRows(view));

export function overlayBox(title: string, closes: string, rows: readonly Row[], view: View): Row[] {
  const { width, height } = view;
  const from = Math.min(view.overlay?.from ?? 0, lastFrom(rows.length, view));
  if (!isBoxed(view)) return rows.slice(from);
  const more = rows.length > shownRows(view) ? '↑/↓ for more · ' : '';
  const aside = row(`${more}${closes} closes`, 'dim');
  return box({ title: row(title, 'bold'), aside, width, height }, rows.slice(from, from + shownRows(view)));
}
