/** Where a device's bytes are, as a bar and its legend. Parts that are unknown are said, not drawn. */
import { count, gib, percent, UNKNOWN } from '../records/index.ts';
import type { SlimSnapshot } from '../serve/index.ts';
import { healthTone } from './banner.ts';

type Device = SlimSnapshot['devices'][number];

function partsOf({ ledger }: Device) {
  const { contextBytes, neighbourBytes, otherBytes } = ledger;
  const other =
    contextBytes !== null && neighbourBytes !== null
      ? [
          { label: 'context', color: 'orange', bytes: contextBytes },
          { label: 'neighbours', color: 'vermilion', bytes: neighbourBytes },
        ]
      : [{ label: 'other', color: 'orange', bytes: otherBytes }];
  return [
    { label: 'active', color: 'blue', bytes: ledger.activeBytes },
    { label: 'cache', color: 'sky', bytes: ledger.cacheBytes },
    { label: 'stranded', color: 'purple', bytes: ledger.strandedBytes },
    ...other,
    { label: 'free', color: 'free', bytes: ledger.freeBytes },
  ];
}

export function Ledger({ device, onMeaning }: { device: Device; onMeaning: (record: string) => void }) {
  const parts = partsOf(device);
  const known = parts.filter(part => part.bytes !== null);
  const unknown = parts.filter(part => part.bytes === null).map(part => part.label);
  const sum = known.reduce((total, part) => total + Math.max(0, part.bytes!), 0);
  const total = Math.max(device.ledger.totalBytes ?? 0, sum);
  const share = (bytes: number) => (Math.max(0, bytes) / total) * 1000;
  const pool = device.infrastructure;
  const told = pool.contradiction ?? device.ledger.contradiction;
  const use = pool.memoryStatus === 'unmeasured' ? UNKNOWN : percent(pool.memoryUsagePercent);
  const facts: [string, string, string | null, string?][] = [
    ['pool use', use, 'TELE-770', pool.contradiction ? 'critical' : healthTone[pool.memoryStatus]],
    ['fragmentation', pool.cudaMemoryFragmentation?.toFixed(2) ?? UNKNOWN, 'cudaMemoryFragmentation'],
    [
      'peak',
      device.peakAllocatedBytes === null ? UNKNOWN : `${gib(device.peakAllocatedBytes)} GiB`,
      'cudaMemoryPeakGb',
    ],
    ['device used', percent(device.usedPercent), 'usedPercent'],
    ['retries', count(device.allocRetries), 'allocRetries', device.allocRetries ? 'critical' : undefined],
    ['OOMs', count(device.ooms), 'ooms', device.ooms ? 'critical' : undefined],
    ['device allocs', count(device.deviceAllocs), 'deviceAllocs'],
  ];
  return (
    <section class="panel ledger" aria-label={`Memory of ${device.device}`}>
      <h2>
        {device.device}{' '}
        <span class="dim">
          {device.name && device.name !== device.device ? device.name : ''}
          {device.totalBytes !== null && ` ${gib(device.totalBytes)} GiB`}
        </span>
      </h2>
      {sum > 0 && (
        <svg
          class="bar"
          width="100%"
          height="16"
          preserveAspectRatio="none"
          viewBox="0 0 1000 1"
          aria-hidden="true"
        >
          {known.map((part, i) => (
            <rect
              key={part.label}
              x={known.slice(0, i).reduce((from, before) => from + share(before.bytes!), 0)}
              width={share(part.bytes!)}
              height="1"
              fill={`var(--${part.color})`}
            />
          ))}
        </svg>
      )}
      <ul class="legend">
        {known.map(part => (
          <li key={part.label}>
            <svg class="swatch" width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" fill={`var(--${part.color})`} />
            </svg>{' '}
            <span class="dim">{part.label}</span>{' '}
            <b class={part.bytes! < 0 ? 'tone-critical' : ''}>{gib(part.bytes)}</b>
          </li>
        ))}
        {unknown.length > 0 && <li class="dim">{unknown.join(', ')} unknown</li>}
      </ul>
      {told && <p class="tone-critical">figures disagree: {told}</p>}
      {device.atTheWall && <p class="tone-critical">at the wall: memory was refused since the last update</p>}
      <ul class="figures">
        {facts.map(([label, text, record, tone]) => (
          <li key={label}>
            {record ? (
              <button
                type="button"
                class="meaning"
                title="What is this figure?"
                onClick={() => onMeaning(record)}
              >
                {label}
              </button>
            ) : (
              <span class="dim">{label}</span>
            )}{' '}
            <b class={tone && tone !== 'dim' ? `tone-${tone}` : ''} data-figure={label}>
              {text}
            </b>
          </li>
        ))}
      </ul>
    </section>
  );
}
