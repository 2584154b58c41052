/** Figures in words, as every screen writes them. */
export {
  age,
  count,
  duration,
  gib,
  gibRounded,
  milliseconds,
  percent,
  scaled,
  short,
  timeOfDay,
  UNKNOWN,
} from '../present/index.ts';
