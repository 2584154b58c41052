/** The texts of all screens, in the terminal’s look. */

import { type Row, row, type Style, span } from '../base/index.ts';
import type { Health } from '../contract/index.ts';
import type { LabelledValue, StyledText, Tone } from '../present/index.ts';

const styles: Record<Tone, { usual: Style; strong: Style }> = {
  plain: { usual: 'plain', strong: 'bold' },
  dim: { usual: 'dim', strong: 'dim' },
  ok: { usual: 'green', strong: 'bold green' },
  info: { usual: 'cyan', strong: 'bold cyan' },
  warning: { usual: 'yellow', strong: 'bold yellow' },
  critical: { usual: 'bold red', strong: 'bold red' },
};

export const styleOf = ({ tone, isStrong }: StyledText): Style => styles[tone][isStrong ? 'strong' : 'usual'];

/** Empty for null. */
export const styledRow = (styled: StyledText | null): Row =>
  styled === null ? [] : row(styled.text, styleOf(styled));

/** `pressure 0.71` */
export const labelledRow = ({ label, value: styled }: LabelledValue): Row => [
  span(`${label} `, 'dim'),
  span(styled.text, styleOf(styled)),
];

/** How a judgement looks where it must catch the eye no more than it deserves. */
export const healthStyle: Record<Health, Style> = {
  unmeasured: 'dim',
  healthy: 'dim',
  warning: 'yellow',
  critical: 'bold red',
};
