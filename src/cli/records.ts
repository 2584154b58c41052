/** `esper records`: what every figure means, and whether it really gets from its source to the screen. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { makeFolder } from '../disk/index.ts';
import { categoryOf, recordFor, records, type TelemetryRecord } from '../figures/index.ts';
import type { Stage, Verification } from '../verify/index.ts';
import { CommandError } from './command-error.ts';
import { jsonOption } from './options.ts';
import { writeWhole } from './write-whole.ts';

/** Loaded when asked for: it needs every room, and other commands should not wait for them. */
const verification = () => import('../verify/index.ts');

const marks = { pass: '✓', fail: '✗', 'not run': '–' } as const;

/** The record of an id (`TELE-770`, `770`), a figure's name or a path of the snapshot. */
function named(key: string): TelemetryRecord {
  const record = recordFor(/^\d+$/.test(key) ? `TELE-${key.padStart(3, '0')}` : key);
  if (record === undefined)
    throw new CommandError(`There is no record "${key}"; esper records list shows all.`);
  return record;
}

function list({ json }: { json?: boolean }): void {
  const line = ({ id, name, path, document }: TelemetryRecord) =>
    `${id}  ${(categoryOf(id) ?? '').padEnd(14)}  ${name.padEnd(29)}  ${document === 'report' ? 'report: ' : ''}${path}`;
  console.log(json ? JSON.stringify(records, null, 2) : records.map(line).join('\n'));
}

/** One record's whole checklist; of several, one line each and what does not hold. */
function report(
  { id, name, status, checks }: Verification,
  titles: Record<Stage, string>,
  whole: boolean,
): string {
  const broken = checks.some(({ outcome }) => outcome === 'fail');
  return [
    `${broken ? '✗' : '✓'} ${id}  ${name.padEnd(29)}  ${status}`,
    ...checks
      .filter(({ outcome }) => whole || outcome === 'fail')
      .map(({ stage, outcome, found }) => `  ${marks[outcome]} ${titles[stage].padEnd(20)}  ${found}`),
  ].join('\n');
}

async function verifyRecords(keys: string[], { json }: { json?: boolean }): Promise<void> {
  const chosen = keys.length > 0 ? keys.map(named) : records;
  const room = await verification();
  const all: Verification[] = [];
  for (const verified of room.verify(await room.realPremises(), chosen)) {
    all.push(verified);
    if (!json) console.log(report(verified, room.stages, keys.length > 0));
  }
  const broken = all.filter(verified => !room.holds(verified)).length;
  console.log(json ? JSON.stringify(all, null, 2) : summary(all, broken));
  if (broken > 0) process.exitCode = 1;
}

function summary(all: readonly Verification[], broken: number): string {
  const verified = all.filter(({ status }) => status === 'verified').length;
  const idle = all.flatMap(({ checks }) => checks).find(({ outcome }) => outcome === 'not run');
  const parts = [`${all.length} ${all.length === 1 ? 'record' : 'records'}: ${verified} verified`];
  if (broken > 0) parts.push(`${broken} broken`);
  if (idle) parts.push(`not run: ${idle.found}`);
  return parts.join(', ');
}

async function show(key: string, { json }: { json?: boolean }): Promise<void> {
  const record = named(key);
  const { page, realPremises, verify } = await verification();
  const premises = await realPremises();
  const [verified] = verify(premises, [record]);
  console.log(
    json
      ? JSON.stringify({ record, verification: verified }, null, 2)
      : page(record, verified!, premises.tree),
  );
}

async function writePages({ out }: { out?: string }): Promise<void> {
  const { PAGES_FOLDER, pages, realPremises, verify } = await verification();
  const folder = out ?? PAGES_FOLDER;
  const premises = await realPremises();
  const made = pages(records, [...verify(premises)], premises.tree);
  makeFolder(folder);
  for (const [file, text] of made) writeWhole(join(folder, file), text);
  for (const file of readdirSync(folder))
    if (/^TELE-\d+_.*\.md$/.test(file) && !made.has(file)) rmSync(join(folder, file));
  console.log(`${made.size} pages in ${folder}`);
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
        .action(verifyRecords),
    )
    .addCommand(
      new Command('docs')
        .description('Writes one page a record, and their index, with the ticks that verification gives.')
        .option('--out <dir>', 'folder to write to (docs/telemetry)')
        .addHelpText('after', '\nExample:\n  esper records docs')
        .action(writePages),
    );
