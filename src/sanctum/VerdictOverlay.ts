/** Why the verdict is what it is, and what to try: every finding with its evidence, in the words of `esper report`. */
import { type Row, row, type Style, span } from '../base/index.ts';
import { type DeviceReport, isOver, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { countedOf, findingName, headline, type RunJudgement } from '../present/index.ts';
import {
  cost,
  doubt,
  findingTones,
  hasOutlook,
  nearness,
  outlook,
  type ReportTone,
  torchAdvice,
} from '../report/index.ts';
import { paragraph } from './layout.ts';
import { lastFrom, overlayBox, overlayWidth } from './overlay.ts';
import { styleOf } from './styled-text.ts';
import { chosenDevice, type View } from './view.ts';

export const toneStyle: Record<ReportTone, Style> = {
  plain: 'plain',
  dim: 'dim',
  good: 'green',
  warning: 'bold yellow',
  critical: 'bold red',
};

/** A paragraph under a mark. */
function item(mark: string, text: string, width: number, style: Style = 'plain'): Row[] {
  const indent = mark.length + 1;
  return paragraph(text, Math.max(1, width - indent), style).map((line, i) => [
    span(i === 0 ? `${mark} ` : ' '.repeat(indent), 'dim'),
    ...line,
  ]);
}

function findingRows({ findings }: DeviceReport, width: number): Row[] {
  return findings.flatMap(({ kind, isRead, confidence, says, evidence, next }) => [
    [
      span(findingName({ kind, isRead }), toneStyle[findingTones[kind]]),
      span(kind === 'unmeasured' ? '' : `, ${confidence}`, 'dim'),
    ],
    ...paragraph(says, width),
    ...evidence.flatMap(({ says: seen }) => item('·', seen, width, 'dim')),
    ...(next.length === 0 ? [] : [row('To try:', 'bold')]),
    ...next.flatMap((step, i) => item(`${i + 1}.`, step, width)),
    [],
  ]);
}

function deviceRows(report: RunReport, device: DeviceReport, isOver: boolean, width: number): Row[] {
  const { ranks } = report.run;
  const doubted = doubt(device, countedOf(report.run));
  const place = `${device.device}${ranks > 1 ? ` of rank ${device.rank}` : ''}`;
  const answers = [
    ...(hasOutlook(report, isOver) ? [outlook(device, report, isOver)] : []),
    nearness(device, report, isOver),
    cost(device),
  ];
  return [
    row(place.toUpperCase(), 'dim'),
    ...(doubted === null ? [] : paragraph(doubted, width, 'bold yellow')),
    ...findingRows(device, width),
    ...answers.flatMap(({ question, answer, tone, says }) => [
      ...paragraph(`${question} ${answer}`, width, toneStyle[tone]),
      ...(says === '' ? [] : paragraph(says, width, 'dim')),
    ]),
    [],
  ];
}

function failureRows(report: RunReport, width: number): Row[] {
  const { failure } = report;
  if (failure === null) return [];
  const advice = torchAdvice(report);
  return [
    row('HOW IT ENDED', 'dim'),
    ...paragraph(failure.errorType, width, 'bold red'),
    ...paragraph(failure.message.split('\n')[0]!, width),
    ...(advice === null ? [] : [row('Torch advises:', 'bold'), ...item('“', advice.quote, width, 'dim')]),
    ...(advice === null ? [] : paragraph(advice.remark, width, 'bold yellow')),
    [],
  ];
}

/** All rows of the overlay in `width` columns; the shown device first. */
function verdictRows(snapshot: SanctumSnapshot, view: View, judgement: RunJudgement, width: number): Row[] {
  const { verdict: report } = view;
  const top = headline(judgement);
  const rows = [...paragraph(top.text, width, styleOf(top)), []];
  if (report === null) return [...rows, row('The first updates bring a verdict.', 'dim')];
  const chosen = chosenDevice(snapshot, view);
  const isChosen = ({ rank, device }: DeviceReport) => rank === chosen?.rank && device === chosen.device;
  const devices = [...report.devices].sort((a, b) => Number(isChosen(b)) - Number(isChosen(a)));
  return [
    ...rows,
    ...failureRows(report, width),
    ...(devices.length === 0
      ? [row('No memory of a device is measured.', 'dim'), []]
      : devices.flatMap(device => deviceRows(report, device, isOver(judgement.state), width))),
    ...(view.reportCommand === null ? [] : paragraph(`All of it: ${view.reportCommand}`, width, 'bold')),
  ];
}

/** The last row that it may begin with. */
export const verdictEnd = (snapshot: SanctumSnapshot, view: View, judgement: RunJudgement): number =>
  lastFrom(verdictRows(snapshot, view, judgement, overlayWidth(view)).length, view);

export const VerdictOverlay = (snapshot: SanctumSnapshot, view: View, judgement: RunJudgement): Row[] =>
  overlayBox('VERDICT', 'v', verdictRows(snapshot, view, judgement, overlayWidth(view)), view);
