/** A check as a document: passed or not and why, each figure beside its baseline, and what was compared. */
import { amount, NOT_MEASURED } from '../base/index.ts';
import type { CheckedFigure, CheckedName, RunCheck, RunFigures } from '../contract/index.ts';
import { many, share } from '../present/index.ts';
import type { Document, ReportTone, TableRow } from './document.ts';
import { dateTime, runStates, time } from './words.ts';

const checkedNames: Record<CheckedName, string> = {
  highestPeakBytes: 'allocated peak, highest',
  usualPeakBytes: 'allocated peak of an update',
  highestReservedBytes: 'reserved, highest',
  tookMs: 'time of an update',
  lostFraction: 'lost time',
};

function valueText(figure: CheckedName, value: number | null): string {
  if (value === null) return NOT_MEASURED;
  return figure === 'tookMs' ? time(value) : figure === 'lostFraction' ? share(value) : amount(value);
}

const points = (fraction: number) => share(fraction).replace('%', '');
const withSign = (value: number, format: (value: number) => string) =>
  value > 0 ? `+${format(value)}` : format(value);

function changeText({ figure, change }: CheckedFigure): string {
  if (change === null) return '';
  const { low, mid, high } = change;
  const format = figure === 'lostFraction' ? points : share;
  const range = low === null || high === null ? '' : ` [${withSign(low, format)}, ${withSign(high, format)}]`;
  return `${withSign(mid, format)}${range}${figure === 'lostFraction' ? ' points' : ''}`;
}

const toleranceText = ({ figure, tolerance }: CheckedFigure): string =>
  tolerance === null
    ? ''
    : figure === 'lostFraction'
      ? `+${points(tolerance)} points`
      : `+${share(tolerance)}`;

const results: Record<CheckedFigure['status'], [string, ReportTone]> = {
  worse: ['✗ worse', 'critical'],
  unclear: ['more, and may be chance', 'warning'],
  same: ['✓', 'good'],
  better: ['✓ better', 'good'],
  information: ['for information', 'dim'],
  'not compared': ['not compared', 'dim'],
};

function figureRow(found: CheckedFigure): TableRow {
  const [result, tone] = results[found.status];
  const { figure, baseline, value } = found;
  return {
    cells: [
      checkedNames[figure],
      valueText(figure, baseline),
      valueText(figure, value),
      changeText(found),
      toleranceText(found),
      result,
    ],
    tone,
  };
}

const verdictRow = ({ baseline, run, verdictIsWorse }: RunCheck): TableRow => ({
  cells: ['verdict', baseline.verdict, run.verdict, '', '', verdictIsWorse ? '✗ worse' : '✓'],
  tone: verdictIsWorse ? 'critical' : 'good',
});

const about = ({ run, name, state, updates, device, deviceName }: RunFigures): string =>
  `${name ?? run} (${run}): ${runStates[state]}, ${many(updates, 'update')}, ${device === null ? 'no device' : `${device}${deviceName === null ? '' : `, ${deviceName}`}`}`;

/** The document of a check, made at `nowMs` by this version of Esper. */
export function checkDocument(
  check: RunCheck,
  { nowMs, timeZone, version }: { nowMs: number; timeZone: string | null; version: string },
): Document {
  const { passed, reasons, notes, baseline, run, figures } = check;
  return {
    title: `Memory check: ${run.name ?? run.run}`,
    facts: [`against ${baseline.name ?? baseline.run}`],
    verdict: passed
      ? {
          label: 'passed',
          tone: 'good',
          says: 'Nothing is worse than the baseline by more than its tolerance.',
        }
      : { label: 'failed', tone: 'critical', says: reasons.join(' ') },
    sections: [
      {
        title: 'Figures',
        blocks: [
          {
            type: 'table',
            caption: 'Figures beside the baseline',
            head: ['', 'baseline', 'this run', 'change', 'tolerance', ''],
            rows: [...figures.map(figureRow), verdictRow(check)],
          },
        ],
      },
      {
        title: 'What was compared',
        blocks: [
          { type: 'list', items: [`Baseline ${about(baseline)}`, `This run ${about(run)}`, ...notes] },
        ],
      },
    ],
    colophon: `Intervals hold the true change in 99 of 100 cases. Made by Esper ${version}, ${dateTime(nowMs, timeZone)}.`,
  };
}
