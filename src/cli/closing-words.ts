/** What a command prints about a run that it watched to its end: the verdict, what to try, and how to look closer. */

import { raisedAt } from '../analysis/index.ts';
import { printable } from '../base/index.ts';
import { type RunReport, type SanctumSnapshot, stateWith } from '../contract/index.ts';
import { oomContradictions } from '../figures/index.ts';
import { headline, judgementOf } from '../present/index.ts';
import { torchAdvice } from '../report/index.ts';
import { commandLine, runWord } from './invocation.ts';

/** Steps that are named; the others are in the report. */
const STEPS = 3;

/**
 * Lines without styles.
 * @param path the run's folder
 * @param isWhole whether all of its log was read
 * @param isLinked with the command that prints the report
 * @param isStatePrinted the state stands above: that nobody knows how it ended is not repeated
 */
export function closingWords(
  report: RunReport | null,
  snapshot: SanctumSnapshot,
  path: string,
  { isWhole = true, isStatePrinted = false, isLinked = true } = {},
): string[] {
  const judgement = judgementOf(report, stateWith(snapshot.run.state, true, isWhole), snapshot);
  const isRepeated = isStatePrinted && judgement.state === 'unknown';
  const { level, kind, says, next } = judgement;
  const isTroubled = level === 'warning' || level === 'critical';
  const oom = report?.failure?.outOfMemory;
  const raised = report?.failure == null ? null : raisedAt({ ending: null, ...report.failure });
  const advice = report === null ? null : torchAdvice(report);
  const lines = [
    headline(isRepeated ? { ...judgement, state: 'completed' } : judgement).text,
    ...(isTroubled && kind !== null && says !== '' ? [`  ${says}`] : []),
    ...(oom == null ? [] : oomContradictions(oom).map(doubt => `  ${doubt}`)),
    ...(raised === null ? [] : [`  ${raised}`]),
    ...(isTroubled ? next.slice(0, STEPS).map(step => `  To try: ${step}`) : []),
    ...(advice === null ? [] : [`  Torch advises: “${advice.quote}” ${advice.remark}`]),
    ...(isLinked ? [`  More: ${commandLine('esper', ['report', runWord(path)])}`] : []),
  ];
  return lines.map(printable);
}
