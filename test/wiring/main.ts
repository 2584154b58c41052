/** `esper records verify`: the wiring tests of the figures that are asked for, or of all, as a command. Run from the clone's root. */
import { CommandError } from '../../src/cli/command-error.ts';
import { namedRecord } from '../../src/cli/records.ts';
import { allRecords } from '../../src/figures/index.ts';
import { holds, stages, type Verification } from './checklist.ts';
import { realPremises } from './premises.ts';
import { verify } from './verify.ts';

const marks = { pass: '✓', fail: '✗', 'not run': '–' } as const;

/** One record's whole checklist; of several, one line each and what does not hold. */
function lines({ id, name, status, checks }: Verification, whole: boolean): string {
  const broken = checks.some(({ outcome }) => outcome === 'fail');
  return [
    `${broken ? '✗' : '✓'} ${id}  ${name.padEnd(29)}  ${status}`,
    ...checks
      .filter(({ outcome }) => whole || outcome === 'fail')
      .map(({ stage, outcome, found }) => `  ${marks[outcome]} ${stages[stage].padEnd(20)}  ${found}`),
  ].join('\n');
}

function summary(all: readonly Verification[], broken: number): string {
  const verified = all.filter(({ status }) => status === 'verified').length;
  const idle = all.flatMap(({ checks }) => checks).find(({ outcome }) => outcome === 'not run');
  const parts = [`${all.length} ${all.length === 1 ? 'record' : 'records'}: ${verified} verified`];
  if (broken > 0) parts.push(`${broken} broken`);
  if (idle) parts.push(`not run: ${idle.found}`);
  return parts.join(', ');
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const keys = args.filter(arg => arg !== '--json');
  const chosen = keys.length > 0 ? keys.map(namedRecord) : allRecords();
  const all: Verification[] = [];
  for (const verified of verify(await realPremises(), chosen)) {
    all.push(verified);
    if (!json) console.log(lines(verified, keys.length > 0));
  }
  const broken = all.filter(verified => !holds(verified)).length;
  console.log(json ? JSON.stringify(all, null, 2) : summary(all, broken));
  process.exitCode = broken > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof CommandError ? `esper: ${error.message}` : error);
  process.exitCode = 1;
});
