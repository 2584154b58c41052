/** `esper runs`: every run, newest first or in any other order; filtered, in any columns, as a table, JSON or CSV. */
import { Command } from 'commander';
import { amount, columns as columnsOf, cut, printable, shortened } from '../base/index.ts';
import { isFitting, isPattern, isStart, linksOut, namesOf, noRuns } from '../log/index.ts';
import {
  type Column,
  columnNamed,
  columnsRead,
  folderBytes,
  type ListedRun,
  listFolder,
  orderNamed,
  parseFilter,
  selected,
  usualColumns,
} from '../runs/index.ts';
import { CommandError } from './command-error.ts';
import { csvCell } from './csv.ts';
import { commandLine } from './invocation.ts';
import { integer, jsonOption, RepeatableOption, runsOption } from './options.ts';
import { readLog } from './read-log.ts';
import { say, sayError, sayJson } from './say.ts';
import { VERSION } from './version.ts';

/** Runs whose lines that were passed over are reported one by one. */
const SHOWN = 5;
/** Columns of a cell: an id has up to 69. */
const WIDEST = 72;

function table(rows: readonly ListedRun[], columns: readonly Column[]): string {
  const cells = [
    columns.map(({ name }) => (name.includes('.') ? name : name.toUpperCase())),
    ...rows.map(row => columns.map(({ text }) => cut(printable(shortened(text(row), 4 * WIDEST)), WIDEST))),
  ];
  const widths = columns.map((_, i) =>
    cells.reduce((widest, line) => Math.max(widest, columnsOf(line[i]!)), 0),
  );
  return cells
    .map(line =>
      line
        .map((text, i) => text + ' '.repeat(widths[i]! - columnsOf(text)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Bytes, milliseconds and shares stay numbers, what is not known is empty. */
const csv = (rows: readonly ListedRun[], columns: readonly Column[]): string =>
  [
    columns.map(({ name }) => csvCell(name)).join(','),
    ...rows.map(row => columns.map(({ value }) => csvCell(value(row))).join(',')),
  ].join('\n');

interface RunsOptions {
  runs: string;
  last?: number;
  json?: boolean;
  csv?: boolean;
  columns?: string[];
  sort?: string;
  filter?: string[];
  all?: boolean;
  disk?: boolean;
}

/** The rows that the pattern and the options want, newest first. */
function rowsOf(options: RunsOptions, pattern: string | undefined, needsAll: boolean) {
  const isPlain = options.sort === undefined && options.filter === undefined;
  return listFolder(options.runs, {
    version: VERSION,
    isWanted: (id, name, archived) =>
      (options.all || !archived) &&
      (pattern === undefined ||
        (isPattern(pattern)
          ? isFitting(pattern, { id, name })
          : namesOf({ id, name }).includes(pattern) || isStart(pattern, id))),
    newest: isPlain ? options.last : undefined,
    needsAll: needsAll || options.last !== undefined,
    readEvents: readLog,
  });
}

export const runsCommand = () =>
  new Command('runs')
    .description(
      'Lists the runs of a folder, newest first, each with its verdict; those of older runs are left out where their logs are ' +
        'long, and a line reports it. State "gone": the trainer ended without a final event. Columns are run, name, state, task, batch, return, ' +
        'mem, eta, duration, age, created, peak, verdict, tags, note, size, config.KEY of the recorded configuration, and any figure of ' +
        '"esper records list", as it was at the end. What is known of ended runs is kept in .esper-runs.json beside them.',
    )
    .argument(
      '[pattern]',
      'only these: a pattern of names or ids such as lr3e-4*, a name, or the start of ids',
    )
    .addOption(runsOption())
    .option(
      '-n, --last <n>',
      'only the newest n (the first n after --sort), with the verdict on each',
      integer('--last'),
    )
    .option('--columns <names>', 'which columns, with commas between them', text =>
      text.split(',').map(name => name.trim()),
    )
    .option('--sort <column>', 'by this column; -column from the highest down')
    .addOption(
      new RepeatableOption(
        '--filter <condition>',
        'only runs that meet it: verdict=leak, peak>20GiB, tag=good, config.lr<1e-3',
      ),
    )
    .option('--all', 'archived runs as well')
    .option('--disk', 'what each takes on disk, the largest first')
    .addOption(jsonOption('one array of runs'))
    .option('--csv', 'print comma-separated values: bytes, milliseconds and shares as numbers')
    .addHelpText(
      'after',
      '\nExamples:\n  esper runs --columns name,config.lr,return,peak,verdict --sort -return\n' +
        '  esper runs "lr3e-4*" --filter verdict=steady --csv\n' +
        '  esper runs --json | jq -r \'.[] | select(.state == "failed") | .id\'',
    )
    .action((pattern: string | undefined, options: RunsOptions) => list(pattern, options));

/** Settings that are asked for and that no run has, in words; empty where there are none. */
function missing(rows: readonly Pick<ListedRun, 'config'>[], used: readonly { name: string }[]): string {
  const keys = new Set(
    used.flatMap(({ name }) => (name.startsWith('config.') ? [name.slice('config.'.length)] : [])),
  );
  const none = [...keys].filter(key => !rows.some(({ config }) => Object.hasOwn(config, key)));
  return rows.length === 0 || none.length === 0
    ? ''
    : `: none has ${none.map(key => `config.${key}`).join(' or ')}`;
}

function list(pattern: string | undefined, options: RunsOptions): void {
  if (options.json && options.csv) throw new CommandError('--json and --csv exclude each other.');
  const sizes = new Map<string, number>();
  const names =
    options.columns ?? (options.disk ? ['run', 'state', 'created', 'size', 'tags'] : usualColumns);
  const columns = names.map(name => columnNamed(name, sizes));
  const filters = (options.filter ?? []).map(text => parseFilter(text, sizes));
  const sort = options.sort ?? (options.disk ? '-size' : undefined);
  const order = sort === undefined ? null : orderNamed(sort, sizes);
  const used = columnsRead({ filters }, order);
  const asked = options.columns === undefined ? used : [...used, ...columns];
  const found = rowsOf(
    { ...options, ...(sort !== undefined && { sort }) },
    pattern,
    asked.some(({ isJudged }) => isJudged),
  );
  if (names.includes('size') || used.some(({ name }) => name === 'size'))
    for (const { id } of found.rows) sizes.set(id, folderBytes(found.paths.get(id)!));
  const rows = selected(found.rows, { filters, words: [] }, order).slice(0, options.last);
  if (options.csv) console.log(csv(rows, columns));
  else if (options.json)
    sayJson(
      options.columns === undefined
        ? rows
        : rows.map(row => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]))),
      2,
    );
  else if (rows.length > 0) console.log(table(rows, columns));
  else if (found.rows.length > 0 || pattern !== undefined)
    say(`No run is of this kind${missing(found.rows, used)}.`);
  else say(`${noRuns(options.runs)}. Start one: ${commandLine('esper', ['demo'])}`);
  if (options.disk && !options.json && !options.csv)
    sayError(`esper: ${amount([...sizes.values()].reduce((sum, size) => sum + size, 0))} in all.`);
  if (found.unread > 0 && names.includes('verdict')) {
    const all = commandLine('esper', ['runs', '--last', String(found.rows.length)]);
    sayError(
      `esper: the logs of ${found.unread} older runs were not read for a verdict; to read them: ${all}`,
    );
  }
  for (const { problem } of rows) if (problem) sayError(`esper: ${problem}`);
  const lines = rows.map(({ passedOver }) => passedOver).filter(text => text !== null);
  for (const text of lines.slice(0, SHOWN)) sayError(`esper: ${text}`);
  if (lines.length > SHOWN)
    sayError(`esper: so in ${lines.length - SHOWN} more runs; "esper report RUN" has it of one`);
  for (const link of linksOut(options.runs))
    sayError(`esper: ${link} is a link and is not followed: give its path.`);
}
