/** The first row: which run, whether it speaks, since when, on what, and whether memory raises an alarm. */
import type { MemoryAlarm, SanctumSnapshot } from '../contract/index.ts';
import { connection, runtimeMs } from './connection.ts';
import { duration, gib, percent } from './figures.ts';
import { joinByRank } from './layout.ts';
import { type Row, row, type Style, span, spread, widthOf } from './style.ts';
import { chosenDevice, chosenRank, type View } from './view.ts';

const alarmStyle: Record<MemoryAlarm['level'], Style> = { warning: 'bold yellow', critical: 'bold red' };

/** `✓ System`, or the worst of `memoryAlarmDevices`: `⚠ cuda:0 95%`. Nothing measured is not healthy: `– System`. */
function system({ vitals, devices }: SanctumSnapshot): Row {
  const alarms = vitals.memoryAlarmDevices;
  const worst = alarms.find(alarm => alarm.level === 'critical') ?? alarms[0];
  if (worst) {
    const figure = worst.percent === null ? worst.reason.split(':', 1)[0]! : percent(worst.percent);
    const others = alarms.length > 1 ? ` +${alarms.length - 1}` : '';
    return row(`⚠ ${worst.device} ${figure}${others}`, alarmStyle[worst.level]);
  }
  const measured =
    vitals.host.ramUsedPercent !== null ||
    devices.some(d => d.usedPercent !== null || d.infrastructure.memoryStatus !== 'unmeasured');
  return measured ? [span('✓', 'green'), span(' System')] : row('– System', 'dim');
}

export function RunHeader(snapshot: SanctumSnapshot, view: View): Row {
  const { run } = snapshot;
  const rank = chosenRank(snapshot, view);
  const device = chosenDevice(snapshot, view);
  const ranks = Math.max(snapshot.ranks.length, run.worldSize ?? 0);
  const runtime = runtimeMs(snapshot, view);
  const name = run.id ?? run.name ?? 'no run yet';
  const total = device?.totalBytes ?? null;
  const product = device?.name && device.name !== device.device ? ` ${device.name}` : '';
  const health = widthOf(system(snapshot)) <= view.width / 2 ? system(snapshot) : [];
  const room = view.width - widthOf(health) - 4;

  const paused = view.paused
    ? row(`‖ PAUSED${view.paused.newEvents > 0 ? ` +${view.paused.newEvents}` : ''}`, 'bold yellow')
    : [];
  const parts = [
    { row: row('ESPER', 'bold cyan'), rank: 7 },
    { row: row(name, 'bold'), rank: 2, least: 12 },
    { row: row([run.algorithm, run.task].filter(Boolean).join(' ')), rank: 4 },
    { row: connection(snapshot, view), rank: 0 },
    { row: paused, rank: 1 },
    { row: runtime === null ? [] : row(duration(runtime)), rank: 3 },
    { row: rank && ranks > 1 ? row(`rank ${rank.rank} of ${ranks}`) : [], rank: 5 },
    {
      row: device
        ? [span(device.device), span(product, 'dim'), span(total === null ? '' : ` ${gib(total)} GiB`)]
        : [],
      rank: 6,
    },
  ];
  return [
    span(' '),
    ...spread(joinByRank(parts, room, view.width < 110 ? 2 : 3), health, view.width - 2),
    span(' '),
  ];
}
