/** Learning and speed over time: whether what memory did can be seen in them. */
import { cut, isSparse, printable } from '../base/index.ts';
import type { LearningReport, OwnReport } from '../contract/index.ts';
import type { Counted } from '../present/index.ts';
import { valueAxis, valuesOf } from './axis.ts';
import type { Plot, PlotSeries } from './document.ts';
import type { ReportTimeline } from './timeline.ts';

type Entry = LearningReport['timeline'][number];

interface Curve {
  title: string;
  unit: string;
  says: string;
  fromZero: boolean;
}

const TIME_OF: Record<'update' | 'step', Pick<Curve, 'title' | 'says'>> = {
  update: { title: 'Time of an update', says: 'Rollout and optimisation together, in ms.' },
  step: { title: 'Time of a step', says: 'As the trainer measured it, in ms.' },
};

const figuresOf = (counted: Counted): (Curve & { of: (entry: Entry) => number | null })[] => [
  {
    title: 'Return',
    unit: 'return',
    says: 'Return of episodes, as the trainer reports it.',
    of: e => e.episodicReturn,
    fromZero: false,
  },
  { title: 'Loss', unit: 'loss', says: 'Training loss.', of: e => e.loss, fromZero: false },
  {
    ...TIME_OF[counted === 'step' || counted === 'sample' || counted === 'epoch' ? 'step' : 'update'],
    unit: 'ms',
    of: e => e.tookMs,
    fromZero: true,
  },
];

/** A figure over time, as one line; null where there are not two values of it: the table of figures has the one. */
function curve<Stretch extends { fromBatch: number; toBatch: number; toMs: number }>(
  { title, unit, says, fromZero, name }: Curve & { name: string },
  timeline: readonly Stretch[],
  of: (stretch: Stretch) => number | null,
  scale: ReportTimeline,
): Plot | null {
  const spans = timeline.map((entry, i) => ({
    ...entry,
    fromMs: timeline[i - 1]?.toMs ?? entry.toMs,
    fromIndex: i,
    updates: 1,
  }));
  const all = spans.map(span => ({ x: scale.middle(span), y: of(span) }));
  const known = all.filter(({ y }) => y !== null);
  if (known.length < 2) return null;
  const points = isSparse(all.map(({ y }) => y)) ? known : all;
  const series: PlotSeries[] = [{ name, ink: 'series', shape: 'line', isMain: true, points }];
  const y = valueAxis(unit, valuesOf({ series, guides: [] }), { fromZero, steps: 2 });
  return { title, says, x: scale.axis(spans), y, series, guides: [], marks: [], height: 'half' };
}

/** A plot for each figure that was measured more than once. */
export const learningPlots = (
  { timeline }: LearningReport,
  scale: ReportTimeline,
  counted: Counted,
): (Plot | null)[] =>
  figuresOf(counted).map(({ of, ...figure }) =>
    curve({ ...figure, name: figure.title.toLowerCase() }, timeline, of, scale),
  );

/** Figures of the trainer's own that get a plot, of those that vary; the table has all. */
const OWN_PLOTS = 6;
/** Characters of a name that stand where the axis has its unit: the name is all there is. */
const UNIT_LENGTH = 10;
/** And of a name in a heading. */
const NAME_LENGTH = 36;
/** Columns of a plot are counted in characters. */
const unitOf = (name: string): string => (/^[ -~]+$/.test(name) ? cut(name, UNIT_LENGTH) : '');

export const ownPlots = (own: readonly OwnReport[], scale: ReportTimeline): (Plot | null)[] =>
  own
    .filter(({ lowest, highest }) => lowest !== highest)
    .slice(0, OWN_PLOTS)
    .map(({ name: given, timeline }) => {
      const name = cut(printable(given), NAME_LENGTH);
      const says = 'A figure of this trainer’s own.';
      const figure = { title: name, name, says, unit: unitOf(name), fromZero: false };
      return curve(figure, timeline, ({ value }) => value, scale);
    });
