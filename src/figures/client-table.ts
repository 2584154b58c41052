/** What clients in other languages need of the declarations, as plain JSON: `schema/figures.json`. */
import { learnerTable } from '../contract/index.ts';
import { edge } from './bounds.ts';
import { limits } from './limits.ts';
import { snake } from './markdown.ts';

/** The learner's figures of an update, and of a step, by their names in snake case, and the bounds of memory pressure. */
const learner = (source: 'update' | 'step') =>
  learnerTable(source).map(({ name, path, kind }) => ({ name: snake(name), path, kind }));

export const clientTable = () => ({
  update: learner('update'),
  step: learner('step'),
  pressure: { warning: edge(limits.memoryPressure.warning), critical: edge(limits.memoryPressure.critical) },
});
