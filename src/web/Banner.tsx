/** The glance of a run: who it is, whether it speaks, how it is, how full the reserved memory is. */
import { duration, judge, limits } from '../records/index.ts';
import type { LiveMessage, RunView } from '../serve/index.ts';
import { connection, counter, figures, memoryFigure, reasons, status, system } from './banner.ts';
import { Words } from './parts.tsx';

interface BannerProps {
  view: RunView;
  /** The run as it is now: whether it speaks is never a matter of the past. */
  latest: LiveMessage;
  nowMs: number;
  isThen: boolean;
  connected: boolean;
  onMeaning: (record: string) => void;
}

export function Banner({ view, latest, nowMs, isThen, connected, onMeaning }: BannerProps) {
  const { snapshot } = view;
  const { run, tamiyo } = snapshot;
  const now = latest.snapshot.run;
  const over = now.state !== 'running' && now.state !== 'waiting';
  const state = latest.writerGone && !over ? 'gone' : now.state;
  const speaks = connection(state, now.lastEventMs, nowMs);
  const memory = memoryFigure(tamiyo.infrastructure);
  const counted = counter(tamiyo);
  const why = reasons(snapshot);
  const at = tamiyo.batch ?? tamiyo.step;
  const of = tamiyo.batch !== null ? tamiyo.maxBatches : tamiyo.maxSteps;
  const latestMs = run.endedMs ?? run.lastEventMs ?? run.startedMs;
  const silent = latestMs !== null && judge(limits.connectionAgeMs, nowMs - latestMs) === 'critical';
  const frozen = isThen || over || state === 'gone' || silent || !connected;
  const runtime = run.startedMs === null ? null : Math.max(0, (frozen ? latestMs! : nowMs) - run.startedMs);
  return (
    <>
      <div class="run-head">
        <h1>{view.name}</h1>
        <span class="dim">{[run.algorithm, run.task].filter(Boolean).join(' ')}</span>
        {connected ? (
          <Words said={speaks} id="connection" />
        ) : (
          <Words said={{ text: '○ SERVER AWAY', tone: 'critical' }} id="connection" />
        )}
        {runtime !== null && <span class="dim">{duration(runtime)}</span>}
        <span class="push">
          <Words said={system(snapshot)} id="system" />
        </span>
      </div>
      <section class={`banner level-${snapshot.status.level}`} aria-label="Status">
        <p class="glance">
          <Words said={status(snapshot)} id="status" />
          {counted && <b data-said="counter">{counted}</b>}
          {memory && (
            <button
              type="button"
              class="meaning"
              title="What is this figure?"
              onClick={() => onMeaning('TELE-770')}
            >
              <Words said={memory} id="memory" />
            </button>
          )}
          {why[0] && <Words said={why[0]} id="reason" />}
          {why.length > 1 && (
            <span
              class="dim"
              title={why
                .slice(1)
                .map(({ text }) => text)
                .join('\n')}
            >
              +{why.length - 1}
            </span>
          )}
        </p>
        <ul class="figures">
          {figures(snapshot).map(({ label, said, record }) => (
            <li key={label}>
              <button
                type="button"
                class="meaning"
                title="What is this figure?"
                onClick={() => onMeaning(record)}
              >
                {label}
              </button>{' '}
              <b data-figure={record} class={`tone-${said.tone}`}>
                {said.text}
              </b>
            </li>
          ))}
        </ul>
        {at !== null && of ? <progress max={of} value={at} aria-label={`${at} of ${of} made`} /> : null}
      </section>
    </>
  );
}
