/** A row of the table of figures. */
import { NOT_MEASURED } from '../base/index.ts';
import { recordFor } from '../figures/index.ts';
import { many } from '../present/index.ts';
import type { TableRow } from './document.ts';

/** A figure by its record's name; the value or why there is none, and what is to be known of it. */
export function figureRow(id: string, name: string, value: string | null, notes = ''): TableRow {
  const isMeasured = value !== null && value !== NOT_MEASURED;
  return {
    cells: [name, value ?? NOT_MEASURED, notes, recordFor(id) === undefined ? '' : id],
    tone: isMeasured ? 'plain' : 'dim',
  };
}

/** Notes beside a figure; those that are empty are left out. */
export const joinedNotes = (...notes: string[]): string => notes.filter(Boolean).join('; ');

/** Empty where all were finite. */
export const notFiniteText = (values = 0): string =>
  values === 0 ? '' : `${many(values, 'value')} not finite`;
