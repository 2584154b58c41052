/** All figures of the learner and of the trainer's own: one of them large, the others to choose from. */
import { type Row, row, span } from '../base/index.ts';
import type { SanctumSnapshot } from '../contract/index.ts';
import { noUpdates } from '../present/index.ts';
import { curveAt, curveChart, shownCurves } from './curves.ts';
import { box } from './layout.ts';
import { curveRow } from './PpoPanel.ts';
import { chosenRank, type View } from './view.ts';

/** Rows from which a chart stands over the list, and its share of them. */
const WITH_CHART = 14;
const CHART_SHARE = 0.5;

/** The last that can be chosen. */
export const lastCurve = (snapshot: SanctumSnapshot, view: View): number =>
  Math.max(0, shownCurves(snapshot, view).length - 1);

/** The one that is chosen as long as nobody chose. */
export const firstCurve = (snapshot: SanctumSnapshot, view: View): number =>
  Math.max(0, curveAt(shownCurves(snapshot, view), view));

export function CurveOverlay(snapshot: SanctumSnapshot, view: View): Row[] {
  const { width, height } = view;
  const curves = shownCurves(snapshot, view);
  const inner = Math.max(1, width - 4);
  const rows = Math.max(1, height - 2);
  if (curves.length === 0)
    return box({ title: row('FIGURES', 'bold'), aside: row('c closes', 'dim'), width, height }, [
      row(noUpdates(chosenRank(snapshot, view)), 'dim'),
    ]);
  const at = Math.max(0, curveAt(curves, view));
  const chosen = curves[at]!;
  const chartRows = rows < WITH_CHART ? 0 : Math.floor(rows * CHART_SHARE);
  const picture =
    chartRows === 0
      ? []
      : [
          [span(chosen.title, 'bold'), span(chosen.note === '' ? '' : `  ${chosen.note}`, 'dim')],
          ...curveChart(chosen, inner, chartRows - 2),
          [],
        ];
  const room = Math.max(1, rows - picture.length);
  const from = Math.max(0, Math.min(curves.length - room, at - Math.floor(room / 2)));
  const list = curves
    .slice(from, from + room)
    .map(
      (curve, i): Row => [
        span(from + i === at ? '▸ ' : '  ', 'bold cyan'),
        ...curveRow(curve, inner - 2, true),
      ],
    );
  const aside = row('↑/↓ choose · c closes', 'dim');
  return box({ title: row('FIGURES', 'bold'), aside, width, height }, [...picture, ...list]);
}
