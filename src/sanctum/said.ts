/** What all screens say, in the terminal’s look. */
import type { Fact, Said, Tone } from '../records/index.ts';
import { type Row, row, type Style, span } from './style.ts';

const styles: Record<Tone, { usual: Style; strong: Style }> = {
  plain: { usual: 'plain', strong: 'bold' },
  dim: { usual: 'dim', strong: 'dim' },
  ok: { usual: 'green', strong: 'bold green' },
  info: { usual: 'cyan', strong: 'bold cyan' },
  warning: { usual: 'yellow', strong: 'bold yellow' },
  critical: { usual: 'bold red', strong: 'bold red' },
};

export const styleOf = ({ tone, isStrong }: Said): Style => styles[tone][isStrong ? 'strong' : 'usual'];

/** Empty where nothing is said. */
export const rowOf = (said: Said | null): Row => (said === null ? [] : row(said.text, styleOf(said)));

/** `pressure 0.71` */
export const factRow = ({ label, said }: Fact): Row => [
  span(`${label} `, 'dim'),
  span(said.text, styleOf(said)),
];
