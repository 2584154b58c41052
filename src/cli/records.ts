/** `esper records`: what every figure means, and whether it really gets from its source to the screen. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { categoryOf, recordFor, records, type TelemetryRecord } from '../records/index.ts';
import {
  holds,
  PAGES_FOLDER,
  type Premises,
  page,
  pages,
  realPremises,
  stages,
  type Verification,
  verify,
} from '../verify/index.ts';
import { CommandError } from './command-error.ts';
import { jsonOption } from './options.ts';

const marks = { pass: '✓', fail: '✗', 'not run': '–' } as const;

/** The record of an id (`TELE-770`, `770`), a figure's name or a path of the snapshot. */
function named(key: string): TelemetryRecord {
  const record = recordFor(/^\d+$/.test(key) ? `TELE-${key.padStart(3, '0')}` : key);
  if (record === undefined)
    throw new CommandError(`There is no record "${key}"; esper records list shows all.`);
  return record;
}

function list({ json }: { json?: boolean }): void {
  const line = ({ id, name, path }: TelemetryRecord) =>
    `${id}  ${(categoryOf(id) ?? '').padEnd(14)}  ${name.padEnd(29)}  ${path}`;
  console.log(json ? JSON.stringify(records, null, 2) : records.map(line).join('\n'));
}

const checklist = ({ checks }: Verification): string =>
  checks
    .map(({ stage, outcome, found }) => `  ${marks[outcome]} ${stages[stage].padEnd(20)}  ${found}`)
    .join('\n');

const heading = (verification: Verification): string =>
  `${holds(verification) ? '✓' : '✗'} ${verification.id}  ${verification.name.padEnd(29)}  ${verification.status}`;

/** One record's whole checklist; of several, one line each and what does not hold. */
function report(verification: Verification, whole: boolean): string {
  const shown = { ...verification, checks: verification.checks.filter(c => whole || c.outcome === 'fail') };
  return [heading(verification), ...(shown.checks.length > 0 ? [checklist(shown)] : [])].join('\n');
}

async function verifyCommand(keys: string[], { json }: { json?: boolean }): Promise<void> {
  const chosen = keys.length > 0 ? keys.map(named) : records;
  const all: Verification[] = [];
  for (const verification of verify(await realPremises(), chosen)) {
    all.push(verification);
    if (!json) console.log(report(verification, keys.length > 0));
  }
  const broken = all.filter(verification => !holds(verification));
  if (json) console.log(JSON.stringify(all, null, 2));
  else console.log(summary(all, broken.length));
  if (broken.length > 0) process.exitCode = 1;
}

function summary(all: readonly Verification[], broken: number): string {
  const verified = all.filter(({ status }) => status === 'verified').length;
  const idle = all.flatMap(({ checks }) => checks).find(({ outcome }) => outcome === 'not run');
  const parts = [`${all.length} records: ${verified} verified`];
  if (broken > 0) parts.push(`${broken} broken`);
  if (idle) parts.push(`not run: ${idle.found}`);
  return parts.join(', ');
}

async function show(key: string, { json }: { json?: boolean }): Promise<void> {
  const record = named(key);
  const premises = await realPremises();
  const [verification] = verify(premises, [record]);
  if (json) console.log(JSON.stringify({ record, verification }, null, 2));
  else console.log(page(record, verification!, premises.tree));
}

async function docs({ out }: { out: string }): Promise<void> {
  const premises: Premises = await realPremises();
  const made = pages(records, [...verify(premises)], premises.tree);
  mkdirSync(out, { recursive: true });
  for (const [file, text] of made) writeFileSync(join(out, file), text);
  for (const file of readdirSync(out))
    if (/^TELE-\d+_.*\.md$/.test(file) && !made.has(file)) rmSync(join(out, file));
  console.log(`${made.size} pages in ${out}`);
}

export const recordsCommand = () =>
  new Command('records')
    .summary('what every figure means, and the proof that it reaches the screen')
    .description('Telemetry records: one a figure, with its meaning, its thresholds and its path.')
    .addCommand(
      new Command('list')
        .description('Lists all records.')
        .addOption(jsonOption('the records'))
        .addHelpText('after', '\nExample:\n  esper records list')
        .action(list),
    )
    .addCommand(
      new Command('show')
        .description('Shows one record with its checklist.')
        .argument('<record>', 'id, figure or path: TELE-770, memoryUsagePercent')
        .addOption(jsonOption('the record and its verification'))
        .addHelpText('after', '\nExample:\n  esper records show TELE-770')
        .action(show),
    )
    .addCommand(
      new Command('verify')
        .description(
          'Runs figures from a real source through a log file and the reducer to the screen, and compares. ' +
            'Exits with 1 where any stage of any record does not hold.',
        )
        .argument('[records...]', 'ids or figures; all unless told')
        .addOption(jsonOption('one array of verifications'))
        .addHelpText('after', '\nExample:\n  esper records verify TELE-770')
        .action(verifyCommand),
    )
    .addCommand(
      new Command('docs')
        .description('Writes one page a record, and their index, with the ticks that verification gives.')
        .option('--out <dir>', 'folder to write to', PAGES_FOLDER)
        .addHelpText('after', '\nExample:\n  esper records docs')
        .action(docs),
    );
