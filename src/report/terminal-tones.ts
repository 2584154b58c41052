/** How the tones of a report look on a terminal. */
import type { Style } from '../base/index.ts';
import type { ReportTone } from './document.ts';

export const styleOfTone: Record<ReportTone, Style> = {
  plain: 'plain',
  dim: 'dim',
  good: 'green',
  warning: 'yellow',
  critical: 'bold red',
};
