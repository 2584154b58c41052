/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Which lines of the program hold a device's memory. */
import type { DeviceReport } from '../contract/index.ts';
import type { Counted } from '../present/index.ts';
import { heldBars, heldTable, heldWords } from '../report/index.ts';

/** Of the lines that are drawn, in their order; what is not drawn by itself is pale. */
const colors = ['blue', 'orange', 'green', 'purple', 'vermilion'];

/** Which lines held the memory when stacks were read last, with their stacks, and readings side by side. */
export function HeldLines({ device, counted }: { device: DeviceReport; counted: Counted }) {
  const [words, table] = [heldWords(device, counted), heldTable(device)];
  if (words === null || table === null) return null;
  const stacks = new Map(device.held!.lines.map(({ line, stack }) => [line, stack.join(' ← ')]));
  return (
    <details class="held-lines">
      <summary>
        <b>lines</b> <span class="dim">that hold the memory. {words}</span>
      </summary>
      <Readings device={device} counted={counted} />
      <div class="table">
        <table>
          <thead>
            <tr>
              {table.head.map(cell => (
                <th key={cell} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(({ cells: [first, ...rest], tone }) => (
              <tr key={first} class={tone}>
                <th scope="row" title={stacks.get(first!)}>
                  {first}
                </th>
                {rest.map((cell, i) => (
                  <td key={table.head[i + 1]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** A bar a reading, line upon line: what grows is seen to grow. */
function Readings({ device, counted }: { device: DeviceReport; counted: Counted }) {
  const found = heldBars(device, counted);
  if (found === null) return null;
  const colorOf = (line: string | null) => (line === null ? 'sky' : colors[found.lines.indexOf(line)]!);
  return (
    <figure class="readings" aria-label="What the lines held, reading by reading">
      {found.bars.map(({ label, total, parts }) => (
        <div key={label}>
          <span>{label}</span>
          <svg
            class="bar"
            width="100%"
            height="12"
            preserveAspectRatio="none"
            viewBox="0 0 1 1"
            role="img"
            aria-label={parts.map(({ line, text }) => `${line ?? 'the rest'} ${text}`).join(', ')}
          >
            {parts.map(({ line, from, share, text }) => (
              <rect key={line ?? ''} x={from} width={share} height="1" fill={`var(--${colorOf(line)})`}>
                <title>{`${line ?? 'the rest'}: ${text}`}</title>
              </rect>
            ))}
          </svg>
          <span>{total}</span>
        </div>
      ))}
      <ul class="legend">
        {[...found.lines, null].map(line => (
          <li key={line ?? ''}>
            <svg class="swatch" width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" fill={`var(--${colorOf(line)})`} />
            </svg>{' '}
            {line === null ? 'the rest' : <code>{line}</code>}
          </li>
        ))}
      </ul>
    </figure>
  );
}
