/** `esper records`: what every figure means, and whether it really gets from its source to the screen. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { makeFolder } from '../disk/index.ts';
import {
  allRecords,
  categoryOf,
  indexPage,
  pageOf,
  recordFor,
  recordPage,
  type TelemetryRecord,
} from '../figures/index.ts';
import { CommandError } from './command-error.ts';
import { jsonOption } from './options.ts';
import { writeOutput } from './write-output.ts';

/** The folder of the package, or of the clone that it was built in. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES_FOLDER = 'docs/telemetry';

/** The record of an id (`TELE-770`, `770`), a figure's name or a path of the snapshot. Throws where there is none. */
export function namedRecord(key: string): TelemetryRecord {
  const record = recordFor(/^\d+$/.test(key) ? `TELE-${key.padStart(3, '0')}` : key);
  if (record === undefined)
    throw new CommandError(`There is no record "${key}": "esper records list" shows all.`);
  return record;
}

/** The text of a file of the clone; null in an installed package, which carries no sources. */
function sourceText(file: string): string | null {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function list({ json }: { json?: boolean }): void {
  const line = ({ id, name, path, document }: TelemetryRecord) =>
    `${id}  ${(categoryOf(id) ?? '').padEnd(14)}  ${name.padEnd(29)}  ${document === 'report' ? 'report: ' : ''}${path}`;
  console.log(json ? JSON.stringify(allRecords(), null, 2) : allRecords().map(line).join('\n'));
}

/** Runs the wiring tests, which are no part of an installed package. */
function verifyRecords(keys: string[], { json }: { json?: boolean }): void {
  const main = join(ROOT, 'test', 'wiring', 'main.ts');
  if (!existsSync(main))
    throw new CommandError(
      'esper records verify runs the wiring tests and needs a clone of the project with its packages (npm ci).',
    );
  const args = [
    '--import',
    'tsx',
    main,
    ...keys.map(key => namedRecord(key).id),
    ...(json ? ['--json'] : []),
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

function show(key: string, { json }: { json?: boolean }): void {
  const record = namedRecord(key);
  console.log(json ? JSON.stringify({ record }, null, 2) : recordPage(record, sourceText));
}

/** Pages quote no code: they are read beside it, and would change with it. */
function writePages({ out = PAGES_FOLDER }: { out?: string }): void {
  const pages = new Map([
    ['index.md', indexPage(allRecords())],
    ...allRecords().map(record => [pageOf(record), recordPage(record, null)] as const),
  ]);
  makeFolder(out);
  for (const [file, text] of pages) writeOutput(join(out, file), text);
  for (const file of readdirSync(out))
    if (/^TELE-\d+_.*\.md$/.test(file) && !pages.has(file)) rmSync(join(out, file));
  console.log(`${pages.size} pages in ${out}`);
}

export const recordsCommand = () =>
  new Command('records')
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
        .description('Shows one record, in the form of the original TELE-770.')
        .argument('<record>', 'id, figure or path: TELE-770, memoryUsagePercent')
        .addOption(jsonOption('the record'))
        .addHelpText('after', '\nExample:\n  esper records show TELE-770')
        .action(show),
    )
    .addCommand(
      new Command('verify')
        .description(
          'Runs figures from a real source through a log file and the reducer to the screen, and compares: the wiring tests, ' +
            'in a clone of the project. Exits with 1 where any stage of any record does not hold.',
        )
        .argument('[records...]', 'ids or figures; default: all')
        .addOption(jsonOption('one array of verifications'))
        .addHelpText('after', '\nExample:\n  esper records verify TELE-770')
        .action(verifyRecords),
    )
    .addCommand(
      new Command('docs')
        .description('Writes one page a record, and their index.')
        .option('--out <dir>', 'folder to write to (docs/telemetry)')
        .addHelpText('after', '\nExample:\n  esper records docs')
        .action(writePages),
    );
