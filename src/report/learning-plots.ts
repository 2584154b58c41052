/** Learning and speed over time: whether what memory did can be seen in them. */
import { cut, printable } from '../base/index.ts';
import type { LearningReport, OwnReport } from '../contract/index.ts';
import { valueAxis, valuesOf } from './axis.ts';
import type { Plot, PlotSeries } from './document.ts';
import type { ReportTimeline } from './timeline.ts';

type Entry = LearningReport['timeline'][number];

const figures: {
  title: string;
  unit: string;
  says: string;
  of: (entry: Entry) => number | null;
  fromZero: boolean;
}[] = [
  {
    title: 'Return',
    unit: 'return',
    says: 'Mean return of finished episodes.',
    of: e => e.episodicReturn,
    fromZero: false,
  },
  { title: 'Loss', unit: 'loss', says: 'Training loss.', of: e => e.loss, fromZero: false },
  {
    title: 'Time of an update',
    unit: 'ms',
    says: 'Rollout and optimisation together, in ms.',
    of: e => e.tookMs,
    fromZero: true,
  },
];

/** A plot for each figure that was measured at all. */
export function learningPlots({ timeline }: LearningReport, scale: ReportTimeline): Plot[] {
  const spans = timeline.map((entry, i) => ({ ...entry, fromMs: timeline[i - 1]?.toMs ?? entry.toMs }));
  return figures.flatMap(({ title, unit, says, of, fromZero }): Plot[] => {
    const points = spans.map(span => ({ x: scale.middle(span), y: of(span) }));
    if (points.every(({ y }) => y === null)) return [];
    const series: PlotSeries[] = [
      { name: title.toLowerCase(), ink: 'series', shape: 'line', isMain: true, points },
    ];
    const y = valueAxis(unit, valuesOf({ series, guides: [] }), { fromZero, steps: 2 });
    return [{ title, says, x: scale.axis(spans), y, series, guides: [], marks: [], height: 'half' }];
  });
}

/** Figures of the trainer's own that get a plot; the table has all. */
const OWN_PLOTS = 6;
/** Characters of a name that stand where the axis has its unit: the name is all there is. */
const UNIT_LENGTH = 10;
/** And of a name in a heading. */
const NAME_LENGTH = 36;
/** Columns of a plot are counted in characters. */
const unitOf = (name: string): string => (/^[ -~]+$/.test(name) ? cut(name, UNIT_LENGTH) : '');

export function ownPlots(own: readonly OwnReport[], scale: ReportTimeline): Plot[] {
  return own
    .filter(({ values }) => values > 0)
    .slice(0, OWN_PLOTS)
    .map((figure): Plot => {
      const name = cut(printable(figure.name), NAME_LENGTH);
      const spans = figure.timeline.map((entry, i) => ({
        ...entry,
        fromMs: figure.timeline[i - 1]?.toMs ?? entry.toMs,
      }));
      const points = spans.map(span => ({ x: scale.middle(span), y: span.value }));
      const series: PlotSeries[] = [{ name, ink: 'series', shape: 'line', isMain: true, points }];
      const y = valueAxis(unitOf(name), valuesOf({ series, guides: [] }), {
        fromZero: false,
        steps: 2,
      });
      const says = 'A figure of this trainer’s own.';
      return { title: name, says, x: scale.axis(spans), y, series, guides: [], marks: [], height: 'half' };
    });
}
