/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/**
 * A run in full: the banner, the verdict, the memory, the learner, what happened; now, or as it was at a moment. It is made
 * from what the server answered alone, so that it can be drawn without a browser.
 */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { count } from '../base/index.ts';
import type { RunReport } from '../contract/index.ts';
import {
  age,
  countedIn,
  historyValue,
  isStepLoop,
  type NewestDevice,
  type NewestRank,
  noUpdates,
  percent,
  poolValues,
  pressureFigure,
  readProblems,
  reasonOf,
  type StyledText,
  timeOfDay,
  unmeasuredMemory,
  withJudgement,
} from '../present/index.ts';
import type { PageSnapshot, PageView, RanksResponse, SeriesResponse } from '../serve/index.ts';
import { Alarms, asTheyStand, StandingAlarms } from './Alarms.tsx';
import { Banner, goesOn, Headline, judgementNow } from './Banner.tsx';
import { Chart } from './Chart.tsx';
import { Choices } from './Choices.tsx';
import {
  dataOf,
  devicesOf,
  fanOf,
  marksOf,
  measuredOf,
  rangeWithFan,
  spansOf,
  xOfTime,
} from './chart-data.ts';
import {
  type ChartSpec,
  deviceCharts,
  measuredChart,
  ownChart,
  ownShown,
  phaseChart,
  ppoCharts,
  stepCharts,
} from './charts.ts';
import { EventList } from './EventList.tsx';
import { Memory } from './Memory.tsx';
import { OtherFigures } from './OtherFigures.tsx';
import { OwnFigures } from './OwnFigures.tsx';
import { Phases } from './Phases.tsx';
import { RankMap } from './RankMap.tsx';
import type { Route } from './route.ts';
import { Verdict } from './Verdict.tsx';

export interface RunBodyProps {
  route: Route;
  /** The run as it is now. */
  latest: PageView;
  /** The run as it is shown: now, or as it was. */
  shown: PageView;
  series: SeriesResponse | null;
  /** All ranks over the run; null of a run of one rank, and before it was asked for. */
  ranks: RanksResponse | null;
  /** The report of the whole log; null until it was read. */
  report: RunReport | null;
  nowMs: number;
  /** Whether the server answers. */
  connected: boolean;
  /** Why the charts could not be had. */
  trouble: string | null;
  theme: string;
  isNarrow: boolean;
  labelOf: (record: string) => string;
  /** Goes to a changed view; `isStep`: one that going back leads back from. */
  set: (change: Partial<Route>, isStep?: boolean) => void;
  zoom: (from: number, to: number) => void;
  retry: () => void;
  /** What stands below all else. */
  children?: ComponentChildren;
}

const none: RunReport['acrossRanks'] & {} = [];

/**
 * Rank and device that are looked at: those chosen, else the lead and its first. A long run's series may be there before its state:
 * then they are of what the series have.
 */
export function chosen(route: Route, { snapshot }: PageView, series: SeriesResponse | null) {
  const rank = route.rank ?? snapshot.tamiyo.rank ?? series?.rank ?? 0;
  const reported = snapshot.devices.filter(device => device.rank === rank).map(({ device }) => device);
  const devices = reported.length > 0 || series?.rank !== rank ? reported : devicesOf(series.available);
  return { rank, devices, device: route.device ?? devices[0] ?? null };
}

/** The rank in full; null where it is not there, and until the server has sent it. */
export function rankIn({ ranks }: PageSnapshot, rank: number): NewestRank | null {
  const own = ranks.find(other => other.rank === rank);
  return own !== undefined && 'ppo' in own ? own : null;
}

function deviceIn({ devices }: PageSnapshot, rank: number, name: string | null): NewestDevice | null {
  const own = devices.find(other => other.device === name && other.rank === rank);
  return own !== undefined && 'pressure' in own ? own : null;
}

/** All of x there is to show, the forecast's future with it; null before the first point. */
export function fullRange({
  route,
  latest,
  series,
  report,
}: Pick<RunBodyProps, 'route' | 'latest' | 'series' | 'report'>): [number, number] | null {
  const range = route.x === 'time' ? series?.timeRange : series?.batchRange;
  if (series === null || range == null) return null;
  const { rank, device } = chosen(route, latest, series);
  const own = report?.devices.find(d => d.rank === rank && d.device === device);
  const spec = deviceCharts.find(({ id }) => id === 'memory')!;
  const fan = own && device !== null && goesOn(latest) ? fanOf(spec, own, device, series, route.x) : null;
  return rangeWithFan(range, fan);
}

export function RunBody(props: RunBodyProps) {
  const { route, latest, series, report, nowMs, connected, trouble, labelOf, isNarrow, set } = props;
  const judgement = judgementNow(latest, report);
  // A moment of the past is shown as it was; the verdict is of now.
  const shown =
    route.at === null
      ? { ...props.shown, snapshot: withJudgement(props.shown.snapshot, judgement) }
      : props.shown;
  const { snapshot } = shown;
  // Its state is not known while the log is read for the first time: no word of waiting, nor of alarms that may be past.
  const isUnread = latest.indexing !== null && latest.snapshot.run.state === 'waiting';
  const alarms = isUnread ? [] : asTheyStand(latest.alarms, withJudgement(latest.snapshot, judgement));
  const { rank, devices, device: name } = chosen(route, latest, series);
  const device = deviceIn(snapshot, rank, name);
  const own = rankIn(snapshot, rank);
  const onMeaning = (meaning: string) => set({ meaning });
  const onRange = (from: number, to: number) => {
    const margin = Math.max(3, Math.round((to - from) / 5));
    set({ x: 'batch', from: Math.max(0, from - margin), to: to + margin }, true);
  };
  const indexing = series?.indexing ?? latest.indexing;
  const hasRanks = latest.snapshot.ranks.length > 1;
  const problems = readProblems(latest.report);

  const chartOf = (spec: ChartSpec, owner: string | null, newest: StyledText | null) => (
    <ChartOf key={`${spec.id} ${owner}`} {...props} spec={spec} owner={owner} newest={newest} />
  );
  const newestOf: Partial<Record<string, StyledText | null>> = device
    ? { pool: poolValues(device)[0]?.value ?? null, pressure: pressureFigure(device.pressure)?.value ?? null }
    : {};
  // The same object while its lines are the same: a chart whose specification changes is rebuilt.
  const available = series?.available.join('\n') ?? '';
  const phases = useMemo(
    () => (name === null ? null : phaseChart(name, available.split('\n'))),
    [name, available],
  );
  const isMeasured = (spec: ChartSpec, owner: string | null) =>
    series !== null && dataOf(spec, owner, series, route.x) !== null;
  const measured = series === null || name === null ? '' : measuredOf(name, series).join('\n');
  const totalBytes = device?.totalBytes ?? null;
  const ofDevice = useMemo(() => {
    const figures = new Set(measured.split('\n'));
    return deviceCharts.map(spec => measuredChart(spec, figures, totalBytes));
  }, [measured, totalBytes]);
  const memoryCharts = [...ofDevice, ...(phases ? [phases] : [])].filter(spec => isMeasured(spec, name));
  const counted = countedIn(own);
  const isStep = own === null ? !ppoCharts.some(spec => isMeasured(spec, null)) : isStepLoop(own);
  const isBroken = (spec: ChartSpec) =>
    own !== null && historyValue(own, spec.history!).value.tone === 'critical';
  const histories = (isStep ? stepCharts : ppoCharts).filter(
    spec => isMeasured(spec, null) || isBroken(spec),
  );
  const ownNames = own?.own.map(({ name }) => name).join('\n') ?? '';
  const wanted = route.own?.join('\n') ?? null;
  const ownCharts = useMemo(
    () => ownShown(ownNames.split('\n').filter(Boolean), wanted?.split('\n') ?? null).map(ownChart),
    [ownNames, wanted],
  ).filter(spec => isMeasured(spec, null));
  return (
    <main>
      <Headline judgement={judgement} />
      {!connected && (
        <p class="notice critical" role="alert">
          The server does not answer. What is shown is{' '}
          {age(nowMs - (latest.snapshot.run.lastEventMs ?? nowMs))} old; it comes back by itself.
        </p>
      )}
      {latest.problem && <p class="notice warning">{latest.problem}</p>}
      {problems.length > 0 && (
        <p class="notice warning" data-region="problems">
          ⚠ log: {problems.join(' · ')}
        </p>
      )}
      {indexing && (
        <p class="notice" role="status">
          Reading the log: {count(indexing.events)} events, {percent(indexing.fraction * 100)}
          <progress max={1} value={indexing.fraction} aria-label="Log read" />
        </p>
      )}
      {trouble && connected && (
        <p class="notice critical" role="alert">
          {trouble}{' '}
          <button type="button" onClick={props.retry}>
            Try again
          </button>
        </p>
      )}
      {route.at !== null && (
        <p class="notice then" role="status">
          As it was after {countedIn(snapshot.tamiyo)} {snapshot.tamiyo.batch ?? snapshot.tamiyo.step ?? '–'},
          at {timeOfDay(route.at, null)}.{' '}
          <button type="button" onClick={() => set({ at: null }, true)}>
            Back to the newest (Esc)
          </button>
        </p>
      )}
      {isUnread ? (
        <header class="run-head" data-region="header">
          <h1>{latest.name}</h1>
        </header>
      ) : (
        <Banner
          {...{ view: shown, latest, nowMs, isThen: route.at !== null, connected, judgement, onMeaning }}
          known={route.at === null ? reasonOf(judgement) : null}
        />
      )}
      {goesOn(latest) && <StandingAlarms {...{ alarms, hasRanks, counted, onRange, onMeaning }} />}
      {report && (
        <Verdict
          id={latest.id}
          {...{ report, rank, device: name, isOver: !goesOn(latest), onMeaning, labelOf, isNarrow }}
          onRange={onRange}
          onDevice={(rank, device) => set({ rank, device }, true)}
        />
      )}
      {props.ranks && (
        <RankMap
          table={props.ranks}
          findings={report?.acrossRanks ?? none}
          shown={rank}
          worst={judgement.level === 'ok' ? null : judgement.rank}
          counted={counted}
          onRank={rank => set({ rank, device: null }, true)}
        />
      )}
      <Choices {...{ route, view: latest, rank, device: name, devices, counted, set }} />
      {device && <Memory device={device} onMeaning={onMeaning} />}
      {memoryCharts.length > 0 ? (
        <section aria-label="Memory" class="charts">
          {memoryCharts.map(spec => chartOf(spec, name, newestOf[spec.id] ?? null))}
        </section>
      ) : (
        series !== null && indexing === null && <p class="empty">{unmeasuredMemory(own)}</p>
      )}
      {histories.length > 0 ? (
        <section aria-label="Learner" class="charts" data-region="learner">
          {histories.map(spec => chartOf(spec, null, own && historyValue(own, spec.history!).value))}
        </section>
      ) : (
        series !== null && series.points === 0 && indexing === null && <p class="empty">{noUpdates(own)}</p>
      )}
      {own && (
        <OwnFigures rank={own} chosen={route.own} onChoose={names => set({ own: names })}>
          {ownCharts.map(spec => chartOf(spec, null, null))}
        </OwnFigures>
      )}
      {own && <Phases phases={own.phases} onMeaning={onMeaning} />}
      <Alarms {...{ alarms, hasRanks, counted, onRange, onMeaning }} />
      <section class="columns">
        <EventList snapshot={snapshot} />
        <OtherFigures snapshot={snapshot} rank={own} onMeaning={onMeaning} />
      </section>
      {props.children}
    </main>
  );
}

function ChartOf(props: RunBodyProps & { spec: ChartSpec; owner: string | null; newest: StyledText | null }) {
  const { route, latest, series, report, theme, spec, owner, newest, set, zoom } = props;
  const { x } = route;
  if (series === null) return null;
  // A figure that was never finite has a chart all the same: its heading marks it.
  const data = dataOf(spec, owner, series, x) ?? {
    x: [],
    lines: spec.lines.map(() => ({ min: [], max: [] })),
  };
  const { rank } = chosen(route, latest, series);
  const own = report?.devices.find(d => d.rank === rank && d.device === owner);
  return (
    <Chart
      {...{ spec, data, newest, x, theme }}
      counted={countedIn(rankIn(latest.snapshot, rank))}
      range={shownRange(props)}
      syncKey={route.id}
      marks={marksOf(latest, series, owner, x)}
      spans={owner === null ? [] : spansOf(latest, series, owner, x)}
      fan={own && owner !== null && goesOn(latest) ? fanOf(spec, own, owner, series, x) : null}
      at={route.at === null ? null : xOfTime(series, route.at, x)}
      height={spec.wide ? 190 : 130}
      onZoom={zoom}
      onReset={() => set({ from: null, to: null })}
      onPick={index => set({ at: series.timeEndMs[index] ?? null }, true)}
      onMeaning={meaning => set({ meaning })}
    />
  );
}

/** The range of x that is shown: as zoomed, or all. Never empty. */
export function shownRange(
  props: Pick<RunBodyProps, 'route' | 'latest' | 'series' | 'report'>,
): [number, number] {
  const [first, last] = fullRange(props) ?? [0, 1];
  const [from, to] = [props.route.from ?? first, props.route.to ?? last];
  return [from, to > from ? to : from + 1];
}
