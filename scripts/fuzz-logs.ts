/**
 * Every golden log of `esper watch`, done to: no figure is invented, and every event is the contract's. Part of `npm run long`.
 *   npx tsx scripts/fuzz-logs.ts cuts [every Nth byte (1)] [NAME…, of some logs alone]
 *   npx tsx scripts/fuzz-logs.ts mixes [seeds (20)] [first seed (1)] [NAME…]
 * `cuts`: cut at each of its bytes, once what is before the cut and once what is behind it. `mixes`: every prefix of
 * test/watch/mangled.ts put before its lines, and the lines of two ranks mixed; what is read stands in the log itself, not in a prefix.
 */
import { readdirSync } from 'node:fs';
import { wrongIn } from '../test/watch/invention.ts';
import { mixed, prefixed, prefixes, randomOf } from '../test/watch/mangled.ts';
import { golden } from '../test/watch/read-log.ts';

const [what, ...given] = process.argv.slice(2);
if (what !== 'cuts' && what !== 'mixes') throw new Error('cuts or mixes?');
const numbers = given.filter(word => /^\d+$/.test(word)).map(Number);
const only = given.filter(word => !/^\d+$/.test(word));
const logs = readdirSync(new URL('../test/watch/golden/', import.meta.url)).filter(
  name => name.endsWith('.log') && (only.length === 0 || only.includes(name.slice(0, -4))),
);

type Case = [how: string, text: string];

function* cuts(text: string, every = 1): Generator<Case> {
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at += every) {
    yield [`before byte ${at}`, bytes.subarray(0, at).toString('utf8')];
    yield [`behind byte ${at}`, bytes.subarray(at).toString('utf8')];
  }
}

function* mixes(text: string, seeds = 20, first = 1): Generator<Case> {
  for (let seed = first; seed < first + seeds; seed++)
    for (const [style, prefix] of Object.entries(prefixes)) {
      yield [`prefix of ${style}, seed ${seed}`, prefixed(text, prefix, randomOf(seed))];
      yield [`two ranks by ${style}, seed ${seed}`, mixed(text, prefix, randomOf(seed))];
    }
}

let read = 0;
let failures = 0;
const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1000);
for (const [at, file] of logs.entries()) {
  const text = golden(file);
  const name = file.slice(0, -'.log'.length);
  let wrongs = 0;
  for (const [how, part] of what === 'cuts' ? cuts(text, ...numbers) : mixes(text, ...numbers)) {
    read++;
    // A figure that is cut is another one; a prefix adds none.
    const wrong = wrongIn(part, name, what === 'cuts' ? part : text);
    if (wrong.length === 0) continue;
    if (wrongs++ < 5) console.log(`${file}, ${how}: ${wrong.slice(0, 3).join('; ')}`);
  }
  failures += wrongs;
  console.error(`${at + 1} of ${logs.length}, ${file}: ${wrongs} wrong; ${read} in all, ${seconds()} s`);
}
console.log(`${logs.length} logs, ${read} readings, ${failures} with a figure of its own, in ${seconds()} s`);
process.exitCode = failures === 0 ? 0 : 1;
