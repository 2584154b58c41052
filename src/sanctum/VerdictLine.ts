/** The first row: what the run is, how sure that is, when memory runs out, and where; in the longest form that fits. */
import { type Row, span, spread } from '../base/index.ts';
import { headline, type RunJudgement } from '../present/index.ts';
import { styledRow } from './styled-text.ts';
import type { View } from './view.ts';

/** Columns from which the key to more is named beside it. */
const WITH_KEY = 60;

export function VerdictLine(judgement: RunJudgement, view: View): Row {
  const { width, keys } = view;
  const margin = width < WITH_KEY ? 0 : 1;
  const key = keys && width >= WITH_KEY ? [span(' v', 'bold'), span(' why', 'dim')] : [];
  const room = width - 2 * margin - key.reduce((sum, piece) => sum + piece.width, 0);
  const line = styledRow(headline(judgement, room));
  return [span(' '.repeat(margin)), ...spread(line, key, width - 2 * margin), span(' '.repeat(margin))];
}
