/** Reports of mlx-lm, whose memory is Metal's and in powers of ten: `Iter 10: Train loss 2.1, Learning Rate 1.000e-05, It/sec 0.5, Peak mem 14.2 GB`. */
import type { Figures, Names } from './figures.ts';
import { peak, TRAINING_LOSS, update } from './known-keys.ts';
import { printedFigure } from './printed.ts';

const MLX = /^Iter \d{1,12}: .{1,2000}\bIt\/sec /;
/** Commas part pairs, and a space a name, of several words, from its value. */
const MLX_PAIR =
  /^(?:Iter \d{1,12}: )?([A-Za-z][\w /]{0,60}?) ([-+]?[\d.]{1,20}(?:e[-+]?\d{1,3})?(?: [KMGT]B)?)$/;

export const mlxNames: Names = {
  'Peak mem': peak('peakAllocatedBytes', 'GB of ten'),
  'Learning Rate': { step: 'learningRate' },
  'Tokens/sec': { step: 'tokensPerSecond' },
  'Total rewards mean': update('rollout.episodicReturn'),
};

/** null for a line that is none of its reports. */
export function mlxFigures(text: string): Figures | null {
  if (!text.startsWith('Iter ') || !MLX.test(text)) return null;
  const figures: Figures = new Map();
  for (const part of text.trimEnd().split(', ')) {
    const [, key, value] = MLX_PAIR.exec(part) ?? [];
    const read = value === undefined ? null : printedFigure(value);
    if (read !== null) figures.set(TRAINING_LOSS.test(key!) ? 'loss' : key!, read);
  }
  return figures;
}
