/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Small pieces that every page uses. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TelemetryRecord } from '../figures/index.ts';
import type { LabelledValue, StyledText } from '../present/index.ts';
import { go, linkOf, type Route } from './route.ts';

export const StyledSpan = ({ value, id }: { value: StyledText; id?: string }) => (
  <span class={`tone-${value.tone}${value.isStrong ? ' strong' : ''}`} data-styled={id}>
    {value.text}
  </span>
);

/** A figure: its label opens its meaning. */
export const FigureValue = ({
  fact,
  onMeaning,
}: {
  fact: LabelledValue;
  onMeaning: (record: string) => void;
}) => (
  <>
    <button type="button" class="meaning" title="What is this figure?" onClick={() => onMeaning(fact.figure)}>
      {fact.label}
    </button>{' '}
    <b class={`tone-${fact.value.tone}`} data-figure={fact.figure}>
      {fact.value.text}
    </b>
  </>
);

/** A link inside the app: no reload, and still a link to open elsewhere. */
export function Link({
  to,
  children,
  ...rest
}: {
  to: Partial<Route>;
  children: ComponentChildren;
  class?: string;
  'aria-label'?: string;
}) {
  return (
    <a
      href={linkOf(to)}
      {...rest}
      onClick={event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** A history in a line, with a gap where nothing was measured. */
export function Sparkline({
  values,
  label,
  min = 0,
  max = 100,
}: {
  values: (number | null)[];
  label: string;
  min?: number;
  max?: number;
}) {
  if (!values.some(value => value !== null)) return null;
  const [width, height] = [110, 26];
  const step = width / Math.max(1, values.length - 1);
  let line = '';
  let area = '';
  let from = 0;
  values.forEach((value, i) => {
    if (value === null) return;
    const x = (i * step).toFixed(1);
    const y = (
      height -
      1 -
      ((Math.min(max, Math.max(min, value)) - min) / (max - min)) * (height - 2)
    ).toFixed(1);
    const isFirst = i === 0 || values[i - 1] == null;
    if (isFirst) from = i * step;
    line += `${isFirst ? 'M' : 'L'}${x} ${y}`;
    area += isFirst ? `M${x} ${height}L${x} ${y}` : `L${x} ${y}`;
    if (values[i + 1] == null) area += `L${x} ${height}L${from.toFixed(1)} ${height}Z`;
  });
  return (
    <svg
      class="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      <path class="area" d={area} />
      <path d={line} />
    </svg>
  );
}

/** A dialog that Escape, a click beside it and its button close. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={event => event.target === dialog.current && onClose()}
      onKeyDown={event => event.stopPropagation()}
    >
      <div class="dialog">
        <header>
          <h2>{title}</h2>
          <button type="button" onClick={onClose} aria-label="Close">
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** What a figure means, from its record. */
export function Meaning({
  records,
  name,
  onClose,
}: {
  records: TelemetryRecord[];
  name: string;
  onClose: () => void;
}) {
  const record = records.find(({ id, figure, path }) => [id, figure, path].includes(name));
  if (record === undefined)
    return (
      <Dialog title={name} onClose={onClose}>
        <p class="dim">{records.length === 0 ? 'Loading…' : 'There is no record of this figure.'}</p>
      </Dialog>
    );
  const { thresholds, meaning, specification, source, transport } = record;
  return (
    <Dialog title={`${record.name}`} onClose={onClose}>
      <p class="question">{record.purpose.question}</p>
      <p>{record.summary}</p>
      {meaning.formula && <pre>{meaning.formula}</pre>}
      <p>{meaning.text}</p>
      {thresholds && (
        <ul class="levels">
          {(['healthy', 'warning', 'critical'] as const).map(level => {
            const text = (thresholds.meaning as Partial<Record<string, string>>)[level];
            const bound = level === 'healthy' ? null : thresholds[level];
            const [kind, at] = bound === null ? [] : Object.entries(bound)[0]!;
            return text ? (
              <li key={level}>
                <b class={`tone-${level === 'healthy' ? 'ok' : level}`}>
                  {level}
                  {kind && ` ${{ atLeast: '≥', above: '>', below: '<' }[kind]} ${at}`}
                </b>{' '}
                {text}
              </li>
            ) : null;
          })}
        </ul>
      )}
      <dl class="record">
        <dt>unit</dt>
        <dd>{specification.units}</dd>
        <dt>from</dt>
        <dd>
          {source.origin} <code>{source.call}</code>
        </dd>
        <dt>travels in</dt>
        <dd>
          <code>
            {transport.event} {transport.fields.join(', ')}
          </code>
        </dd>
        <dt>snapshot</dt>
        <dd>
          <code>{record.path}</code>
        </dd>
        <dt>record</dt>
        <dd>{record.id}</dd>
      </dl>
    </Dialog>
  );
}
