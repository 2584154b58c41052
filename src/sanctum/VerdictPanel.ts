/**
 * The run so far, of one device's memory: what it is, how near the end is, what it costs, and the first thing to
 * try. In the words of `esper report`, which has the evidence.
 */
import { exactly, type Row, row, type Style, span } from '../base/index.ts';
import { type DeviceReport, isOver, type RunReport, type SanctumSnapshot } from '../contract/index.ts';
import { findingName } from '../present/index.ts';
import { cost, findingTones, outlook } from '../report/index.ts';
import { box, type FixedBlock, type GrowingBlock, paragraph, stackByRank } from './layout.ts';
import { toneStyle } from './VerdictOverlay.ts';
import { chosenDevice, stateNow, type View } from './view.ts';

const LABEL = 7;
/** Rows that a sentence may take before the rest is left to the report. */
const MOST_ROWS = 3;

/** A sentence beside its label, at most `most` rows. */
function labelled(label: string, text: string, style: Style, width: number, most = MOST_ROWS): Row[] {
  const rows = paragraph(text, width - LABEL, style);
  const kept = rows.slice(0, most);
  if (rows.length > most) kept[most - 1] = exactly([...rows[most - 1]!, span(' …')], width - LABEL);
  return kept.map((line, i) => [...exactly(row(i === 0 ? label : '', 'dim'), LABEL), ...line]);
}

function deviceRows(
  report: RunReport,
  device: DeviceReport,
  { isOver, width, height }: { isOver: boolean; width: number; height: number },
): Row[] {
  const [finding, ...others] = device.findings;
  if (finding === undefined) return [];
  const { attribution, forecast } = device;
  const ahead = outlook(device, report, isOver);
  const lost = cost(device);
  const title: Row = [
    span(findingName(finding), toneStyle[findingTones[finding.kind]]),
    span(finding.kind === 'steady' || finding.kind === 'unmeasured' ? '' : ` (${finding.confidence})`, 'dim'),
    span(others.length === 0 ? '' : `, also ${others.map(({ kind }) => kind).join(', ')}`, 'dim'),
  ];
  const block = (rank: number, rows: readonly Row[]): FixedBlock => ({ rank, rows });
  return stackByRank(
    [
      block(0, [[...exactly(row('is', 'dim'), LABEL), ...title]]),
      block(4, labelled('', finding.says, 'plain', width)),
      // Of a run that is over nothing lies ahead.
      block(1, isOver ? [] : labelled('ahead', ahead.answer, toneStyle[ahead.tone], width)),
      block(5, !isOver && forecast.status === 'ahead' ? labelled('', ahead.says, 'dim', width) : []),
      // Never a share of lost time without its interval and what it rests on.
      block(
        3,
        attribution.status === 'evidence'
          ? labelled('cost', lost.says, toneStyle[lost.tone], width)
          : labelled('cost', lost.answer, toneStyle[lost.tone], width),
      ),
      // Cut rather than left out: what to try is what a reader came for.
      ...finding.next.slice(0, 1).map(
        (step): GrowingBlock => ({
          rank: 2,
          least: 1,
          wish: labelled('try', step, 'plain', width).length,
          grow: room => labelled('try', step, 'plain', width, Math.min(room, MOST_ROWS)),
        }),
      ),
    ],
    height,
  );
}

/** A box of at most `height` rows, no higher than it needs; none before there is anything to show, or room for it. */
export function VerdictPanel(snapshot: SanctumSnapshot, view: View, width: number, height: number): Row[] {
  const { verdict } = view;
  const shown = chosenDevice(snapshot, view);
  const device = verdict?.devices.find(d => d.rank === shown?.rank && d.device === shown.device);
  if (verdict == null || device === undefined || height < 5) return [];
  const body = deviceRows(verdict, device, {
    isOver: isOver(stateNow(snapshot, view)),
    width: width - 4,
    height: height - 2,
  });
  if (body.length === 0) return [];
  const { lastBatch } = verdict.run;
  const aside = row(lastBatch === null ? '' : `as of ${lastBatch}`, 'dim');
  const rank = snapshot.ranks.length > 1 ? `rank ${device.rank} ` : '';
  return box({ title: [span('VERDICT', 'bold'), span(`  ${rank}${device.device}`)], aside, width }, body);
}
