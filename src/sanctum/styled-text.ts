/** What all screens say, in the terminal’s look. */
import type { LabelledValue, StyledText, Tone } from '../present/index.ts';
import { type Row, row, type Style, span } from './style.ts';

const styles: Record<Tone, { usual: Style; strong: Style }> = {
  plain: { usual: 'plain', strong: 'bold' },
  dim: { usual: 'dim', strong: 'dim' },
  ok: { usual: 'green', strong: 'bold green' },
  info: { usual: 'cyan', strong: 'bold cyan' },
  warning: { usual: 'yellow', strong: 'bold yellow' },
  critical: { usual: 'bold red', strong: 'bold red' },
};

export const styleOf = ({ tone, isStrong }: StyledText): Style => styles[tone][isStrong ? 'strong' : 'usual'];

/** Empty where nothing is said. */
export const styledRow = (said: StyledText | null): Row =>
  said === null ? [] : row(said.text, styleOf(said));

/** `pressure 0.71` */
export const labelledRow = ({ label, value: said }: LabelledValue): Row => [
  span(`${label} `, 'dim'),
  span(said.text, styleOf(said)),
];
