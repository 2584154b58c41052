/** What an agent can ask of the runs: each tool reads, none changes a run; every answer has a bounded length. */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  namesIn,
  passedOver,
  type ReadReport,
  type RunFolder,
  resolveRun,
  resolveRuns,
  runNamed,
} from '../log/index.ts';
import { headline, judgementOf } from '../present/index.ts';
import { comparisonDocument, groupsDocument, toMarkdown } from '../report/index.ts';
import {
  columnNamed,
  columnsRead,
  compareGiven,
  groupFigureNamed,
  listFolder,
  orderNamed,
  parseQuery,
  selected,
} from '../runs/index.ts';
import { CommandError } from './command-error.ts';
import { reportOfRun } from './run-report.ts';
import { VERSION } from './version.ts';

export interface McpTool {
  name: string;
  title: string;
  description: string;
  inputSchema: TObject;
  /** Throws an Error of one sentence. @returns text for a model: JSON or Markdown */
  answer: (input: unknown) => Promise<string>;
}

/** Characters of an answer: what is beyond helps no model. */
const LONGEST = 40_000;
const MOST_ROWS = 200;
const MOST_BUCKETS = 500;
const MOST_FIGURES = 20;

const Run = Type.String({
  minLength: 1,
  maxLength: 300,
  description: 'id, start of an id, name, "latest", or a pattern that one run fits',
});
const closed = { additionalProperties: false };

/** Throws a CommandError that names the field. */
function checked<T extends TObject>(schema: T, input: unknown): Static<T> {
  const value = input ?? {};
  const error = Value.Errors(schema, value).First();
  if (error === undefined) return value as Static<T>;
  const field = error.path.slice(1).replaceAll('/', '.') || 'the input';
  throw new CommandError(`${field}: ${error.message.toLowerCase()}.`);
}

const tool = <T extends TObject>(
  described: Omit<McpTool, 'inputSchema' | 'answer'>,
  schema: T,
  answer: (input: Static<T>) => Promise<string> | string,
): McpTool => ({
  ...described,
  inputSchema: schema,
  answer: async input => {
    const text = await answer(checked(schema, input));
    return text.length <= LONGEST
      ? text
      : `${text.slice(0, LONGEST)}\n… cut at ${LONGEST} characters of ${text.length}: ask for less.`;
  },
});

/** @param runs folder of all runs; nothing outside of it is opened */
export function mcpTools(runs: string): McpTool[] {
  /** A run in a folder of the folder has its path as id; null of any other text. */
  const nested = (ref: string): RunFolder | null => {
    if (!/[/\\]/.test(ref)) return null;
    const run = namesIn(runs).includes(ref) ? runNamed(runs, ref) : null;
    if (run === null) throw new CommandError(`"${ref}" is a path: give a run's id or name.`);
    return run;
  };
  const found = (ref: string) => nested(ref) ?? resolveRun(runs, ref);
  const foundAll = (ref: string) => {
    const run = nested(ref);
    return run === null ? resolveRuns(runs, ref, true) : [run];
  };
  const reported = async (ref: string) => {
    const run = found(ref);
    const notes: string[] = [];
    const report = await reportOfRun(run, (read: ReadReport) => {
      const lines = passedOver(read);
      if (lines !== null) notes.push(lines);
      const unread = read.problems.find(({ line }) => line === null);
      if (read.unreadable > 0) notes.push(`not read: ${unread?.reason ?? 'a file'}`);
    });
    return { run, report, notes };
  };
  return [
    tool(
      {
        name: 'list_runs',
        title: 'List runs',
        description:
          'Runs of the folder with state, verdict on their memory, peak, return, tags. Filter by conditions and words on one line, such as ' +
          '"verdict=leak peak>20GiB config.lr<1e-3 tag=good sweep"; sort by a column, "-return" downwards. Columns: run, name, state, task, ' +
          'batch, return, mem, eta, duration, age, created, peak, verdict, tags, note, config.KEY, or any figure. Bytes, milliseconds and shares are numbers.',
      },
      Type.Object(
        {
          filter: Type.Optional(Type.String({ maxLength: 1000 })),
          sort: Type.Optional(Type.String({ maxLength: 200 })),
          columns: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 40 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_ROWS })),
          archived: Type.Optional(Type.Boolean({ description: 'archived runs as well' })),
        },
        closed,
      ),
      ({ filter = '', sort, limit = 30, archived = false, ...asked }) => {
        const names = asked.columns ?? [
          'run',
          'name',
          'state',
          'batch',
          'return',
          'peak',
          'verdict',
          'tags',
          'note',
        ];
        const columns = names.map(name => columnNamed(name));
        const query = parseQuery(filter);
        const order = sort === undefined ? null : orderNamed(sort);
        const used = [...columns, ...columnsRead(query, order)];
        const { rows } = listFolder(runs, {
          version: VERSION,
          isWanted: (_id, _name, isArchived) => archived || !isArchived,
          newest: filter === '' && order === null ? limit : undefined,
          needsAll: used.some(({ isJudged }) => isJudged),
        });
        const kept = selected(rows, query, order);
        return JSON.stringify({
          found: kept.length,
          runs: kept
            .slice(0, limit)
            .map(row => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]))),
        });
      },
    ),
    tool(
      {
        name: 'verdict',
        title: 'The verdict on a run',
        description:
          'What a run’s memory was found to be: leak, growth, spike, fragmentation, neighbour, steady, …; how sure, on what evidence, when memory ' +
          'runs out, which line of the program, what to try. Reads the whole log.',
      },
      Type.Object({ run: Run }, closed),
      async ({ run: ref }) => {
        const { run, report, notes } = await reported(ref);
        const judgement = judgementOf(report, report.run.state);
        const { devices, failure, learning } = report;
        return JSON.stringify({
          id: run.id,
          name: run.name,
          run: report.run,
          headline: headline(judgement).text,
          verdict: report.verdict,
          judgement,
          failure,
          devices: devices.map(({ rank, device, findings, forecast, attribution }) => ({
            rank,
            device,
            findings,
            forecast,
            lostTime: attribution,
          })),
          alarms: report.alarms?.slice(-20),
          learning: { ...learning, timeline: undefined },
          notes,
        });
      },
    ),
    tool(
      {
        name: 'series',
        title: 'A run’s figures over its updates',
        description:
          'Exact minimum and maximum of each bucket of updates. Figures as approxKl, episodicReturn, cuda:0/peakAllocatedBytes or own/accuracy; without ' +
          'figures only the names of those that the run has. Bytes, milliseconds and shares are numbers; null was not measured.',
      },
      Type.Object(
        {
          run: Run,
          figures: Type.Optional(Type.Array(Type.String({ maxLength: 300 }), { maxItems: MOST_FIGURES })),
          from: Type.Optional(Type.Number({ description: 'first batch' })),
          to: Type.Optional(Type.Number({ description: 'last batch' })),
          buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_BUCKETS })),
          rank: Type.Optional(Type.Integer({ minimum: 0 })),
        },
        closed,
      ),
      async ({ run: ref, figures = [], from = null, to = null, buckets = 40, rank = null }) => {
        const { seriesOfRun } = await import('../serve/index.ts');
        const run = found(ref);
        const query = { figures, x: 'batch' as const, from, to, width: buckets };
        const { available, points, batchRange, batch, batchEnd, ...series } = seriesOfRun(
          run.path,
          query,
          rank,
        );
        const missing = figures.filter(name => !available.includes(name));
        if (missing.length > 0)
          throw new CommandError(
            `The run has no figure ${missing.join(', ')}: it has ${available.join(', ') || 'none'}.`,
          );
        const common = { id: run.id, rank: series.rank, updates: points, batches: batchRange };
        return JSON.stringify(
          figures.length === 0
            ? { ...common, available }
            : { ...common, batch, batchEnd, figures: series.figures },
        );
      },
    ),
    tool(
      {
        name: 'compare',
        title: 'Compare runs or groups of runs',
        description:
          'Two runs: what changed in memory, time and learning, with intervals that hold the true change in 99 of 100 cases. Patterns that several runs fit ' +
          'are groups, each run one sample; one pattern alone is a sweep, parted by configuration. What differs in configuration, the best and its evidence.',
      },
      Type.Object(
        {
          runs: Type.Array(Run, {
            minItems: 1,
            maxItems: 20,
            description: 'ids, names or patterns, such as lr3e-4*',
          }),
          by: Type.Optional(Type.String({ description: 'return, loss, peak, time, steps or lost' })),
          ignore: Type.Optional(
            Type.Array(Type.String(), { description: 'configuration that parts no runs of a sweep' }),
          ),
        },
        closed,
      ),
      async ({ runs: refs, by, ignore = [] }) => {
        const given = refs.map(label => ({ label, runs: foundAll(label) }));
        const decides = by === undefined ? null : groupFigureNamed(by, 'by');
        const { readLog } = await import('./read-log.ts');
        const compared = await compareGiven(given, { by: decides, ignore, read: readLog });
        const context = { nowMs: Date.now(), timeZone: null, version: VERSION };
        return toMarkdown(
          compared.kind === 'groups'
            ? groupsDocument(compared.comparison, context)
            : comparisonDocument(compared.comparison, context),
        );
      },
    ),
    tool(
      {
        name: 'explain',
        title: 'Explain an error, a log or a run',
        description:
          'Whose memory it was (the GPU’s, the host’s, or none), what ended the training, the evidence, what to try: of the text of an error, a log, ' +
          'kernel or scheduler lines or the table of nvidia-smi, or of a run.',
      },
      Type.Object(
        {
          text: Type.Optional(Type.String({ maxLength: 1_000_000 })),
          run: Type.Optional(Run),
        },
        closed,
      ),
      async ({ text, run: ref }) => {
        if ((text === undefined) === (ref === undefined)) throw new CommandError('Give one of text and run.');
        const { answerOfReport, explainText } = await import('../explain/index.ts');
        const answer =
          text === undefined
            ? answerOfReport((await reported(ref!)).report)
            : explainText(text, 'the text', Date.now());
        if (answer === null)
          throw new CommandError(
            'Nothing in the text was recognised: no error, no ending, no table of nvidia-smi, no figures of a trainer.',
          );
        return JSON.stringify(answer);
      },
    ),
  ];
}
