/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** The head of a run's page: the verdict in one line, then what it is, its state, and how full the reserved memory is. */

import { isOver, type RunReport } from '../contract/index.ts';
import {
  bannerFigures,
  connectionHealth,
  connectionText,
  counter,
  duration,
  etaText,
  headline,
  judgementOf,
  memoryFigure,
  type RunJudgement,
  reasons,
  status,
  system,
} from '../present/index.ts';
import type { PageView } from '../serve/index.ts';
import { FigureValue, StyledSpan } from './parts.tsx';

interface BannerProps {
  view: PageView;
  /** The run as it is now: whether events arrive is never a matter of the past. */
  latest: PageView;
  nowMs: number;
  isThen: boolean;
  connected: boolean;
  judgement: RunJudgement;
  /** A reason that stands elsewhere on the page. */
  known: string | null;
  onMeaning: (record: string) => void;
}

/** Milliseconds that the run has taken: to now while events arrive, else to its newest event. Null before it began. */
function runtimeMs({ view, latest, nowMs, isThen, connected }: BannerProps): number | null {
  const { startedMs, endedMs, lastEventMs, updateGapMs } = view.snapshot.run;
  if (startedMs === null) return null;
  const newest = endedMs ?? lastEventMs ?? startedMs;
  const silent = connectionHealth(nowMs - newest, updateGapMs) === 'critical';
  const frozen = isThen || !connected || silent || !goesOn(latest);
  return Math.max(0, (frozen ? newest : nowMs) - startedMs);
}

/** The judgement of the run as it is now, from its whole log so far. */
export const judgementNow = (latest: PageView, report: RunReport | null): RunJudgement =>
  judgementOf(report, latest.snapshot.run.state, latest.snapshot);

/** The verdict in one line: what it is, how sure, when memory runs out, and where. */
export const Headline = ({ judgement }: { judgement: RunJudgement }) => (
  <p
    class={`headline level-${(judgement.alarm ?? judgement.learner ?? judgement).level}`}
    data-region="headline"
    role="status"
  >
    <StyledSpan value={headline(judgement)} id="headline" />
  </p>
);

/** Whether more may come of the run. */
export const goesOn = ({ snapshot }: PageView): boolean => !isOver(snapshot.run.state);

export function Banner(props: BannerProps) {
  const { view, latest, nowMs, isThen, connected, judgement, known, onMeaning } = props;
  const { snapshot } = view;
  const { run, tamiyo } = snapshot;
  const now = latest.snapshot.run;
  const connectionStatus = connected
    ? connectionText(now, nowMs)
    : { text: '○ SERVER AWAY', tone: 'critical' as const };
  const memory = memoryFigure(tamiyo.infrastructure);
  const counted = counter(tamiyo);
  const [why, ...others] = reasons(snapshot).filter(({ text }) => text !== known);
  const at = tamiyo.batch ?? tamiyo.step;
  const of = tamiyo.batch !== null ? tamiyo.maxBatches : tamiyo.maxSteps;
  const runtime = runtimeMs(props);
  const eta = isThen || !connected || !goesOn(latest) ? null : latest.etaMs;
  return (
    <>
      <header class="run-head" data-region="header">
        <h1>{view.name}</h1>
        <span class="dim">{[run.algorithm, run.task].filter(Boolean).join(' ')}</span>
        <StyledSpan value={connectionStatus} id="connection" />
        {runtime !== null && (
          <button type="button" class="meaning plain" onClick={() => onMeaning('runtimeMs')}>
            {duration(runtime)}
          </button>
        )}
        {eta !== null && (
          <span>
            <span class="dim">ETA</span> <StyledSpan value={etaText(eta, judgement)} id="eta" />
          </span>
        )}
        <span class="push">
          <button type="button" class="meaning plain" onClick={() => onMeaning('memoryAlarmDevices')}>
            <StyledSpan value={system(snapshot)} id="system" />
          </button>
        </span>
      </header>
      <section class={`banner level-${snapshot.status.level}`} aria-label="Status" data-region="banner">
        <p class="status-line">
          <StyledSpan value={status(snapshot)} id="status" />
          {counted && <b data-styled="counter">{counted}</b>}
          {memory && (
            <button
              type="button"
              class="meaning"
              title="What is this figure?"
              onClick={() => onMeaning('TELE-770')}
            >
              <StyledSpan value={memory} id="memory" />
            </button>
          )}
          {why && <StyledSpan value={why} id="reason" />}
          {others.length > 0 && (
            <span class="dim" title={others.map(({ text }) => text).join('\n')}>
              +{others.length}
            </span>
          )}
        </p>
        <ul class="figures">
          {bannerFigures(snapshot).map(fact => (
            <li key={fact.label}>
              <FigureValue fact={fact} onMeaning={onMeaning} />
            </li>
          ))}
        </ul>
        {at !== null && of ? <progress max={of} value={at} aria-label={`${at} of ${of} made`} /> : null}
      </section>
    </>
  );
}
