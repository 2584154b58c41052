/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Alarms by the default rules, as `esper alerts` raises them: what stands, and what was cleared, newest first. */
import { count } from '../base/index.ts';
import type { AlarmSpan } from '../contract/index.ts';
import { type Counted, countedRange, duration, placeName, timeOfDay } from '../present/index.ts';
import type { PageView } from '../serve/index.ts';

const SHOWN = 20;

interface AlarmsProps {
  alarms: readonly AlarmSpan[];
  /** The run has several ranks: an alarm names its own. */
  hasRanks: boolean;
  /** What the numbers of updates count. */
  counted: Counted;
  onRange: (fromBatch: number, toBatch: number) => void;
  onMeaning: (figure: string) => void;
}

/** Alarms as they were raised, those that stand with the words and figures of now. */
export const asTheyStand = (alarms: readonly AlarmSpan[], { vitals }: PageView['snapshot']): AlarmSpan[] =>
  alarms.map(alarm => {
    if (alarm.toMs !== null) return alarm;
    const now = vitals.memoryAlarmDevices.find(
      ({ rule, rank, device }) =>
        rule === alarm.rule && rank === alarm.rank && device === (alarm.device ?? 'host'),
    );
    return now === undefined ? alarm : { ...alarm, level: now.level, reason: now.reason };
  });

/** What is active now: shown before anything else. */
export const StandingAlarms = ({ alarms, ...links }: AlarmsProps) => (
  <>
    {alarms
      .filter(alarm => alarm.toMs === null)
      .map(alarm => (
        <p key={keyOf(alarm)} class={`notice ${alarm.level}`} role="status">
          <Alarm alarm={alarm} {...links} />
        </p>
      ))}
  </>
);

export function Alarms({ alarms, ...links }: AlarmsProps) {
  if (alarms.length === 0) return null;
  const newest = [...alarms].reverse();
  return (
    <section class="panel" aria-label="Alarms" data-region="alarms">
      <h2>
        Alarms <span class="dim">newest first</span>
      </h2>
      <ul class="alarms">
        {newest.slice(0, SHOWN).map(alarm => (
          <li key={keyOf(alarm)}>
            <time class="dim">{timeOfDay(alarm.fromMs, null)}</time> <Alarm alarm={alarm} {...links} />
          </li>
        ))}
      </ul>
      {newest.length > SHOWN && <p class="dim">… {newest.length - SHOWN} more</p>}
    </section>
  );
}

const keyOf = ({ rule, rank, device, fromMs }: AlarmSpan) => `${rule} ${rank} ${device} ${fromMs}`;

function Alarm({
  alarm,
  hasRanks,
  counted,
  onRange,
  onMeaning,
}: Omit<AlarmsProps, 'alarms'> & { alarm: AlarmSpan }) {
  const { rule, level, reason, figure, fromMs, toMs, fromBatch, toBatch } = alarm;
  const where =
    toMs === null ? `since ${counted} ${count(fromBatch)}` : countedRange(counted, fromBatch, toBatch);
  return (
    <>
      <b class={toMs === null ? `tone-${level}` : ''}>{toMs === null ? `⚠ ${level}` : 'cleared'}</b>{' '}
      <button type="button" class="meaning" title="What is this figure?" onClick={() => onMeaning(figure)}>
        {rule}
      </button>{' '}
      {[placeName(alarm, hasRanks), reason].filter(Boolean).join(': ')}
      {toMs !== null && <span class="dim"> for {duration(toMs - fromMs)}</span>}{' '}
      {fromBatch !== null && (
        <button
          type="button"
          class="small"
          title="Zoom there"
          onClick={() => onRange(fromBatch, toBatch ?? fromBatch)}
        >
          {where}
        </button>
      )}
    </>
  );
}
