/** The byte ledger of a device as a bar and its legend. Parts that are unknown are named, not drawn. */
import { type Row, row, type Style, span } from '../base/index.ts';
import type { Ledger } from '../contract/index.ts';
import { type LedgerPart, ledgerParts, unknownParts } from '../present/index.ts';
import { flow } from './layout.ts';

const looks: Record<LedgerPart['part'], { mark: string; style: Style }> = {
  active: { mark: '█', style: 'cyan' },
  cache: { mark: '▒', style: 'cyan' },
  stranded: { mark: '▓', style: 'magenta' },
  context: { mark: '▚', style: 'blue' },
  neighbours: { mark: '▞', style: 'blue' },
  other: { mark: '▚', style: 'blue' },
  free: { mark: '·', style: 'dim' },
};

const partsOf = (ledger: Ledger) => ledgerParts(ledger).map(part => ({ ...part, ...looks[part.part] }));

/**
 * Characters that each part gets of `width`: in proportion, at least one where there is anything, and together no
 * more than the bar.
 */
export function cellsOf(bytes: readonly (number | null)[], total: number, width: number): number[] {
  const sizes = bytes.map(part => Math.max(0, part ?? 0));
  const exact = sizes.map(size => (total > 0 ? (size / total) * width : 0));
  const cells = exact.map((cell, i) => (sizes[i]! > 0 ? Math.max(1, Math.floor(cell)) : 0));
  const filled = Math.min(width, Math.round(exact.reduce((sum, cell) => sum + cell, 0)));
  const used = () => cells.reduce((sum, cell) => sum + cell, 0);
  while (used() < filled)
    cells[largest(exact.map((cell, i) => (sizes[i]! > 0 ? cell - cells[i]! : -Infinity)))]!++;
  while (used() > width) cells[largest(cells)]!--;
  return cells;
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** The bar in `width` columns; empty where no part is known. */
export function ledgerBar(ledger: Ledger, width: number): Row {
  const parts = partsOf(ledger);
  const known = parts.reduce((sum, part) => sum + Math.max(0, part.bytes ?? 0), 0);
  const total = Math.max(ledger.totalBytes ?? 0, known);
  if (known === 0) return [];
  const cells = cellsOf(
    parts.map(part => part.bytes),
    total,
    width,
  );
  return parts
    .map((part, i) => span(part.mark.repeat(cells[i]!), part.style))
    .filter(piece => piece.width > 0);
}

/** `█ active 4.6 GiB  ▒ cache 1.0 …`, set like words in at most `maxRows` rows of `width` columns. */
export function ledgerLegend(ledger: Ledger, width: number, maxRows: number): Row[] {
  const parts = partsOf(ledger);
  const known = parts.filter(part => part.bytes !== null);
  const unknown = unknownParts(parts);
  const items: Row[] = known.map((part, i) => [
    span(`${part.mark} `, part.style),
    span(`${part.part} `, 'dim'),
    span(part.text, part.bytes! < 0 ? 'bold red' : 'plain'),
    span(i === 0 ? ' GiB' : '', 'dim'),
  ]);
  if (unknown !== null) items.push(row(unknown, 'dim'));
  const wide = flow(items, width, '  ');
  return wide.length <= maxRows ? wide : flow(items, width, ' ', maxRows);
}
