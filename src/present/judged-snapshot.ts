/** A snapshot with the judgement of its run: the one status that takes alarms and verdict, and the verdict as one of the alarms. */
import type { MemoryAlarm } from '../contract/index.ts';
import { endsAhead, verdictNames } from './headline.ts';
import { isCause, levelRank, placeName, type RunJudgement } from './judgement.ts';
import type { Newest } from './styled-text.ts';

/** What is wrong, without where: `leak, out of memory in 203–242 updates`; empty where nothing is. */
function trouble(judgement: RunJudgement): string {
  const { level, kind } = judgement;
  if (level !== 'warning' && level !== 'critical') return '';
  const ends = judgement.runsOut === null ? [] : [endsAhead(judgement)[2]!];
  const where = judgement.line == null ? '' : ` (${judgement.line.line})`;
  return [...(isCause(kind) ? [`${verdictNames[kind][0]}${where}`] : []), ...ends].join(', ');
}

/** Why the status is not ok, in the words of the verdict: `sim:0: leak, out of memory in 203–242 updates`; null where it is. */
export function reasonOf(judgement: RunJudgement): string | null {
  const { hasRanks } = judgement;
  const what = trouble(judgement);
  // The log of a run that is gone has no end that could be a reason.
  if (what === '') return judgement.state === 'gone' ? 'ended unexpectedly' : null;
  const place = placeName(judgement, hasRanks);
  return place === '' ? what : `${place}: ${what}`;
}

/** The verdict as one of the alarms about memory; null where nothing is wrong, and where it is no device's. */
export function alarmOf(judgement: RunJudgement, atMs: number | null): MemoryAlarm | null {
  const { level, device, rank, kind, runsOut } = judgement;
  const reason = trouble(judgement);
  if (reason === '' || device === null || rank === null || (level !== 'warning' && level !== 'critical'))
    return null;
  const short =
    kind !== null && kind !== 'steady'
      ? verdictNames[kind][0]
      : runsOut === null
        ? reason
        : runsOut.isOfDevice
          ? 'full ahead'
          : 'OOM ahead';
  return { device, rank, rule: 'verdict', level, reason, short, percent: null, raisedMs: atMs ?? 0 };
}

/** The snapshot with the one status that takes its alarms and the verdict: what every view shows. */
export function withJudgement<Snapshot extends Pick<Newest, 'run' | 'status' | 'vitals'>>(
  snapshot: Snapshot,
  judgement: RunJudgement,
): Snapshot {
  const reason = reasonOf(judgement);
  const found = [...(reason === null ? [] : [reason]), ...judgement.across.map(({ short }) => short)];
  if (found.length === 0) return snapshot;
  const { level, reasons } = snapshot.status;
  const own = judgement.level;
  const isWorse = levelRank[own] >= levelRank[level];
  const alarm = alarmOf(judgement, snapshot.run.lastEventMs);
  const { vitals } = snapshot;
  return {
    ...snapshot,
    status: {
      level: isWorse ? own : level,
      reasons: isWorse ? [...found, ...reasons] : [...reasons, ...found],
    },
    vitals:
      alarm === null
        ? vitals
        : {
            ...vitals,
            hasMemoryAlarm: true,
            memoryAlarmDevices: [alarm, ...vitals.memoryAlarmDevices],
          },
  };
}
