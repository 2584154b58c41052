/** The learner's figures that stand nowhere else in a report, each as it was reported last; only those that were measured. */
import { capitalised, count } from '../base/index.ts';
import type { LearnerNumber, LearningReport } from '../contract/index.ts';
import { recordFor } from '../figures/index.ts';
import { milliseconds, ppoFigures, scaled, short } from '../present/index.ts';
import type { TableRow } from './document.ts';
import { figureRow, joinedNotes, notFiniteText } from './figure-row.ts';

type Row = readonly [key: LearnerNumber, title: string, format: (value: number) => string];

const aboveRows = new Set<LearnerNumber>(['episodicReturn', 'totalLoss', 'updateMs', 'stepsPerSecond']);

const rows: readonly Row[] = [
  ...ppoFigures
    .filter(({ key }) => !aboveRows.has(key))
    .map(({ key, title, format }): Row => [key, capitalised(title), format]),
  ['maxGradNorm', 'Largest gradient norm', short],
  ['learningRate', 'Learning rate', short],
  ['clipRange', 'Clip range', short],
  ['meanValue', 'Mean value', short],
  ['meanReturn', 'Mean of the value’s targets', short],
  ['episodicLength', 'Length', short],
  ['steps', 'Steps of a rollout', scaled],
  ['epochs', 'Epochs of an update', short],
  ['episodes', 'Episodes of an update', scaled],
  ['totalEpisodes', 'Episodes', scaled],
  ['rolloutMs', 'Time of a rollout', milliseconds],
];

export function newestRows({ newest = {}, newestAt = {}, notFinite }: LearningReport): TableRow[] {
  const broken = (key: LearnerNumber) => (key === 'gradNorm' ? notFiniteText(notFinite?.gradNorm) : '');
  return rows
    .filter(([key]) => newest[key] != null || broken(key) !== '')
    .map(([key, title, format]) => {
      const id = recordFor(key)?.id ?? '';
      const value = newest[key] ?? null;
      if (value === null) return figureRow(id, title, 'not finite', broken(key));
      const at = newestAt[key];
      const when = at === undefined ? 'newest update' : `at ${count(at)}`;
      return figureRow(id, title, format(value), joinedNotes(when, broken(key)));
    });
}
