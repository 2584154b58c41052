/** A document that a screen can take: what others wrote has no length of its own. */
import { shortened } from '../base/index.ts';
import type { Document, DocumentBlock } from './document.ts';

/** Characters of a quoted text, which may be a traceback. */
const LONGEST_QUOTE = 20_000;

/** Each text of the document at the length of {@link shortened}, a quoted one longer. Plots cut their names themselves. */
export const bounded = (document: Document): Document => shortTexts(document);

function shortTexts<T>(value: T): T {
  if (typeof value === 'string') return shortened(value) as T;
  if (Array.isArray(value)) return value.map(shortTexts) as T;
  if (typeof value !== 'object' || value === null) return value;
  const block = value as Partial<DocumentBlock>;
  if (block.type === 'plot') return value;
  if (block.type === 'quote') return { ...value, text: shortened(block.text!, LONGEST_QUOTE) };
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shortTexts(part)])) as T;
}
