/** The first row: which run, whether events arrive, since when, on what, and whether memory raises an alarm. */
import { GIB, type Row, row, span, spread, widthOf } from '../base/index.ts';
import { type DeviceState, isOver, type SanctumSnapshot } from '../contract/index.ts';
import { duration, etaMs, etaText, type RunJudgement, system } from '../present/index.ts';
import { connection, runtimeMs } from './connection.ts';
import { joinByRank, type Part } from './layout.ts';
import { styledRow, styleOf } from './styled-text.ts';
import { chosenDevice, chosenRank, stateNow, type View } from './view.ts';

/** Of a healthy system only the mark is green: nothing there is to catch the eye. */
function systemRow(snapshot: SanctumSnapshot): Row {
  const styled = system(snapshot);
  if (styled.tone !== 'ok') return styledRow(styled);
  const [mark, ...words] = styled.text.split(' ');
  return [span(mark!, styleOf(styled)), span(` ${words.join(' ')}`)];
}

/** `sim:0 8.0 GiB`, the product's name between where it adds something. */
function deviceFigure(device: DeviceState | null, product: boolean): Row {
  if (device === null) return [];
  const name = product && device.name && device.name !== device.device ? ` ${device.name}` : '';
  const total = device.totalBytes === null ? '' : ` ${(device.totalBytes / GIB).toFixed(1)} GiB`;
  return [span(device.device), span(name, 'dim'), span(total)];
}

export function RunHeader(snapshot: SanctumSnapshot, view: View, judgement: RunJudgement | null = null): Row {
  const { run } = snapshot;
  const { paused } = view;
  const rank = chosenRank(snapshot, view);
  const ranks = Math.max(snapshot.ranks.length, run.worldSize ?? 0);
  const runtime = runtimeMs(snapshot, view);
  const eta = isOver(stateNow(snapshot, view)) ? null : etaMs(snapshot);
  const alarm = systemRow(snapshot);
  const health = widthOf(alarm) <= view.width / 2 ? alarm : [];
  const room = view.width - widthOf(health) - 4;
  const gap = view.width < 110 ? 2 : 3;

  const parts = (product: boolean): Part[] => [
    { row: row('ESPER', 'bold cyan'), rank: 8 },
    { row: row(run.id ?? run.name ?? 'no run yet', 'bold'), rank: 2, least: 24 },
    { row: row([run.algorithm, run.task].filter(Boolean).join(' ')), rank: 5 },
    { row: connection(snapshot, view), rank: 0 },
    {
      row: paused ? row(`‖ PAUSED${paused.newEvents > 0 ? ` +${paused.newEvents}` : ''}`, 'bold yellow') : [],
      rank: 1,
    },
    { row: runtime === null ? [] : row(duration(runtime)), rank: 3 },
    { row: eta === null ? [] : [span('ETA ', 'dim'), ...styledRow(etaText(eta, judgement))], rank: 4 },
    { row: rank && ranks > 1 ? row(`rank ${rank.rank} of ${ranks}`) : [], rank: 6 },
    { row: deviceFigure(chosenDevice(snapshot, view), product), rank: 7 },
  ];
  const all = parts(true);
  const whole = all.reduce((sum, part) => sum + widthOf(part.row) + gap, 0) <= room;
  const left = joinByRank(whole ? all : parts(false), room, gap);
  return [span(' '), ...spread(left, health, view.width - 2), span(' ')];
}
