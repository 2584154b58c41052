/**
 * The backtest of all that Esper concludes, on runs whose truth is known.
 *
 *   npx tsx bench/verdict [verdicts|programs|fewer-figures|forecasts|attributions|alarms|speed|fleets|odd-fleets|all] [variants of each scenario] [first seed] [ranks of fleets, as 8,64] [names of fleets, as slow,experts]
 *
 *   npx tsx bench/verdict programs [folder of recordings]
 *
 * Seeds below 100000 are for tuning: figures that are quoted come from those above.
 */
import { alarms } from './alarms.ts';
import { attributions } from './attributions.ts';
import { fewerFigures } from './fewer-figures.ts';
import { fleets, oddFleets } from './fleets.ts';
import { forecasts } from './forecasts.ts';
import { programs } from './programs.ts';
import { speed } from './speed.ts';
import { verdicts } from './verdicts.ts';

const [part = 'all', variants = '20', firstSeed = '100000', ranks, names] = process.argv.slice(2);
const only = names?.split(',');
const sizes = ranks?.split(',').map(Number);
const [count, seed] = [Number(variants), Number(firstSeed)];
/** Runs at each slowdown and of each steady scenario. */
const MANY = 5 * count;

const parts: Record<string, () => void> = {
  verdicts: () => verdicts(count, seed),
  programs: () => programs(part === 'programs' ? process.argv[3] : undefined),
  'fewer-figures': () => fewerFigures(Math.ceil(count / 2), seed),
  forecasts: () => forecasts(count, seed, MANY),
  attributions: () => attributions(MANY, seed),
  alarms: () => alarms(count, seed),
  speed: () => speed(seed),
  fleets: () => fleets(count, seed, Math.max(100, MANY), sizes, only),
  'odd-fleets': () => oddFleets(count, seed, sizes, only),
};

const chosen = part === 'all' ? Object.values(parts) : [parts[part]];
for (const run of chosen) {
  if (run === undefined) throw new Error(`No part ${part}: ${Object.keys(parts).join(', ')} or all.`);
  run();
}
