/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** One device's memory now: where its bytes are, how full the pool is, and what the allocator counted. */
import { gib } from '../base/index.ts';
import {
  counterValues,
  deviceWarnings,
  type LedgerPart,
  ledgerParts,
  poolValues,
  pressureValues,
  unknownParts,
} from '../present/index.ts';
import type { SlimSnapshot } from '../serve/index.ts';
import { FigureValue } from './parts.tsx';

const colors: Record<LedgerPart['part'], string> = {
  active: 'blue',
  cache: 'sky',
  stranded: 'purple',
  context: 'orange',
  neighbours: 'vermilion',
  other: 'orange',
  free: 'free',
};

/** A bar to scale. Parts that are unknown are named, not drawn. */
function Bar({ parts, totalBytes }: { parts: LedgerPart[]; totalBytes: number | null }) {
  const sum = parts.reduce((all, { bytes }) => all + Math.max(0, bytes!), 0);
  if (sum === 0) return null;
  const total = Math.max(totalBytes ?? 0, sum);
  let x = 0;
  return (
    <svg
      class="bar"
      width="100%"
      height="18"
      preserveAspectRatio="none"
      viewBox="0 0 1000 1"
      aria-hidden="true"
    >
      {parts.map(({ part, bytes }) => {
        const width = (Math.max(0, bytes!) / total) * 1000;
        x += width;
        return <rect key={part} x={x - width} width={width} height="1" fill={`var(--${colors[part]})`} />;
      })}
    </svg>
  );
}

export function Memory({
  device,
  onMeaning,
}: {
  device: SlimSnapshot['devices'][number];
  onMeaning: (record: string) => void;
}) {
  const parts = ledgerParts(device.ledger);
  const known = parts.filter(({ bytes }) => bytes !== null);
  const unknown = unknownParts(parts);
  const facts = [...poolValues(device), ...pressureValues(device), ...counterValues(device)];
  return (
    <section class="panel memory" aria-label={`Memory of ${device.device}`} data-region="memory">
      <h2>
        {device.device}{' '}
        <span class="dim">
          {device.name && device.name !== device.device ? `${device.name} ` : ''}
          {device.totalBytes !== null && `${gib(device.totalBytes)} GiB`}
        </span>
      </h2>
      <Bar parts={known} totalBytes={device.ledger.totalBytes} />
      <ul class="legend">
        {known.map(({ part, bytes, text, figure }) => (
          <li key={part}>
            <svg class="swatch" width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" fill={`var(--${colors[part]})`} />
            </svg>{' '}
            <FigureValue
              fact={{ label: part, value: { text, tone: bytes! < 0 ? 'critical' : 'plain' }, figure }}
              onMeaning={onMeaning}
            />
          </li>
        ))}
        {known.length > 0 && <li class="dim">GiB</li>}
        {unknown !== null && <li class="dim">{unknown}</li>}
      </ul>
      {deviceWarnings(device).map(warning => (
        <p key={warning} class="tone-critical">
          {warning}
        </p>
      ))}
      <ul class="figures">
        {facts.map(fact => (
          <li key={fact.label}>
            <FigureValue fact={fact} onMeaning={onMeaning} />
          </li>
        ))}
      </ul>
    </section>
  );
}
