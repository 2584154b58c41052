/** Every format there is. The first whose parser reads a figure is the log's. */
import type { LogFormat } from '../format.ts';
import { cleanrl } from './cleanrl.ts';
import { huggingFace } from './hugging-face.ts';
import { jsonLines } from './json-lines.ts';
import { stableBaselines3 } from './stable-baselines3.ts';
import { torchtitan } from './torchtitan.ts';
import { verl } from './verl.ts';

export const formats: readonly LogFormat[] = [
  verl,
  torchtitan,
  stableBaselines3,
  cleanrl,
  huggingFace,
  jsonLines,
];
