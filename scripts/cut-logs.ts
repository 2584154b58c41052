/**
 * Every golden log of `esper watch`, cut at each of its bytes, once what is before the cut and once what is behind it: no figure is
 * invented, and every event is the contract's. Minutes: part of `npm run long`.
 *   npx tsx scripts/cut-logs.ts [every Nth byte (1)] [NAME…, of some logs alone]
 */
import { readdirSync } from 'node:fs';
import { wrongIn } from '../test/watch/invention.ts';
import { golden } from '../test/watch/read-log.ts';

const every = Number(process.argv[2] ?? 1);
const only = process.argv.slice(3);
const logs = readdirSync(new URL('../test/watch/golden/', import.meta.url)).filter(
  name => name.endsWith('.log') && (only.length === 0 || only.includes(name.slice(0, -4))),
);
let cuts = 0;
let failures = 0;
const began = performance.now();
for (const file of logs) {
  const bytes = Buffer.from(golden(file));
  const name = file.slice(0, -'.log'.length);
  for (let at = 0; at <= bytes.length; at += every)
    for (const [side, part] of [
      ['before', bytes.subarray(0, at)],
      ['behind', bytes.subarray(at)],
    ] as const) {
      cuts++;
      const wrong = wrongIn(part.toString('utf8'), name);
      if (wrong.length === 0) continue;
      failures++;
      if (failures <= 20) console.log(`${file}, what is ${side} byte ${at}: ${wrong.slice(0, 3).join('; ')}`);
    }
}
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`${logs.length} logs, ${cuts} cuts, ${failures} with a figure of its own, in ${seconds} s`);
process.exitCode = failures === 0 ? 0 : 1;
