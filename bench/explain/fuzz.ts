/**
 * Damaged snapshots: none may end in anything but an account or a refusal, and none may take long.
 * Run: npx tsx bench/explain/fuzz.ts [FILES] [SEED]
 */
import { readdirSync } from 'node:fs';
import { accountOf, snapshotReader, UnreadableSnapshot } from '../../src/snapshots/index.ts';
import { mutated } from '../../test/snapshots/mutate.ts';
import { bytesOf, golden } from '../../test/snapshots/read.ts';

const [files = 100_000, seed = 1] = process.argv.slice(2).map(Number);
const LONGEST_MS = 2000;
const originals = readdirSync(golden(''))
  .filter(name => /\.pickle\.gz$|snapshot\.json\.gz$/.test(name))
  .map(name => bytesOf(golden(name)));
const began = performance.now();
let [read, refused, others, slowest] = [0, 0, 0, 0];
for (let i = 0; i < files; i++) {
  const bytes = mutated(originals[i % originals.length]!, seed * 1_000_003 + i);
  const from = performance.now();
  try {
    const reader = snapshotReader(bytes.subarray(0, 4096), bytes.length);
    if (reader === null) others++;
    else {
      reader.push(bytes);
      accountOf(reader.end());
      read++;
    }
  } catch (error) {
    if (!(error instanceof UnreadableSnapshot)) {
      console.error(`file ${i} of seed ${seed}: ${(error as Error).stack}`);
      process.exit(1);
    }
    refused++;
  }
  slowest = Math.max(slowest, performance.now() - from);
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `${files} damaged snapshots in ${seconds.toFixed(0)} s, seed ${seed}: ${refused} refused, ${read} read, ${others} no snapshot any more; ` +
    `the slowest took ${slowest.toFixed(0)} ms`,
);
if (slowest > LONGEST_MS) {
  console.error(`one took longer than ${LONGEST_MS} ms`);
  process.exit(1);
}
