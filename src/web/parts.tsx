/** Small pieces that every page uses. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TelemetryRecord } from '../records/index.ts';
import type { Said } from './banner.ts';
import { go, linkOf, type Route } from './route.ts';

export const Words = ({ said, id }: { said: Said; id?: string }) => (
  <span class={`tone-${said.tone}`} data-said={id}>
    {said.text}
  </span>
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

/** A course in a line, with a gap where nothing was measured. */
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
  const [width, height] = [96, 22];
  const step = width / Math.max(1, values.length - 1);
  let path = '';
  let pen = 'M';
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const y = height - 1 - ((Math.min(max, Math.max(min, value)) - min) / (max - min)) * (height - 2);
    path += `${pen}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
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
      <path d={path} />
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
        <p class="dim">{records.length === 0 ? 'Loading…' : 'No record tells of this figure.'}</p>
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
