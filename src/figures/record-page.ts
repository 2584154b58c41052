/**
 * A record as a page in the form of the original TELE-770: its sections, its rows. Its ticks are results of the wiring tests,
 * which run every figure from its source to its screens: a figure that does not pass them is in no release.
 */
import { condition } from './bound-text.ts';
import type { Level } from './bounds.ts';
import { categoryOf } from './category.ts';
import type { Moment, Reader } from './figure.ts';
import { code, snake, table, tick, ticks } from './markdown.ts';
import type { TelemetryRecord } from './record.ts';
import type { Dependency, Reference } from './sources.ts';
import { stagesOf } from './stages.ts';
import { quote, type SourceTree } from './symbols.ts';

const readers: Record<Reader, string> = {
  operator: 'Training operator (real-time monitoring)',
  developer: 'Developer (debugging)',
  researcher: 'Researcher (analysis)',
  automation: 'Automated system (alerts/intervention)',
};
const moments: Record<Moment, string> = {
  'real-time': 'Real-time (every batch/epoch)',
  periodic: 'Periodic (every N episodes)',
  'on-demand': 'On-demand (when investigating issues)',
  'post-hoc': 'Post-hoc (offline analysis)',
};
const levels: readonly [Level, string][] = [
  ['healthy', 'Healthy'],
  ['warning', 'Warning'],
  ['critical', 'Critical'],
];

const call = ({ symbol }: Reference) => code(/^[A-Z][^.]*$/.test(symbol) ? symbol : `${symbol}()`);

/** The name of its file: TELE-770_memory_usage_percent.md. */
export const pageOf = (record: TelemetryRecord): string => `${record.id}_${snake(record.figure)}.md`;

/** The page, Markdown. Without a source tree nothing is quoted. */
export function recordPage(record: TelemetryRecord, tree: SourceTree | null): string {
  const sections = [head, identity, purpose, specification, flow, wiring, dependencies, history, notes];
  return `${sections.map(section => section(record, tree)).join('\n\n---\n\n')}\n`;
}

type Section = (record: TelemetryRecord, tree: SourceTree | null) => string;

const steps = ['Planned', 'In Progress', 'Wired', 'Tested', 'Verified'];

const head: Section = record => `# Telemetry Record: [${record.id}] ${record.name}

> **Status:** ${steps.map(step => code(`${tick(true)} ${step}`)).join(' ')}

Made by \`esper records show ${record.id}\` from its declaration in [\`${record.declaredIn}\`](../../${record.declaredIn}). The ticks are
results of the wiring tests, which every release has passed; \`esper records verify ${record.id}\` runs them in a clone.`;

const identity: Section = record => `## 1. Identity

${table(
  ['Field', 'Value'],
  [
    ['**ID**', code(record.id)],
    ['**Name**', record.name],
    ['**Category**', code(categoryOf(record.id) ?? 'none')],
    ['**Priority**', code(record.priority)],
  ],
)}`;

const purpose: Section = ({ purpose: { question, who, when } }) => `## 2. Purpose

### What question does this answer?

> "${question}"

### Who needs this information?

${ticks(readers, who)}

### When is this information needed?

${ticks(moments, when)}`;

function specification(record: TelemetryRecord): string {
  const { type, units, range, precision } = record.specification;
  const computed = record.meaning.formula !== null;
  const bound = (value: number | null, end: string) => (value === null ? `${end}∞` : String(value));
  return `## 3. Data Specification

### Type and Format

${table(
  ['Property', 'Value'],
  [
    ['**Type**', `${code(type)} (${computed ? 'computed' : 'as it came'})`],
    ['**Units**', units],
    ['**Range**', range === null ? 'none' : code(`[${bound(range[0], '-')}, ${bound(range[1], '')}]`)],
    ['**Precision**', precision],
    ['**Default**', code(JSON.stringify(record.specification.default))],
  ],
)}

### Semantic Meaning

> ${record.meaning.text}${record.meaning.formula === null ? '' : `\n>\n> \`${record.meaning.formula}\``}

### Health Thresholds

${thresholds(record)}`;
}

function thresholds({ declaredIn, figure, thresholds: own }: TelemetryRecord): string {
  if (own === null) return 'None: the figure is shown, not judged.';
  const rows = levels
    .filter(([level]) => level === 'healthy' || own[level] !== null)
    .map(([level, title]) => [
      `**${title}**`,
      code(condition(own, level, figure)),
      own.meaning[level] ?? '',
      own.styles[level] ?? '',
    ]);
  return `${table(['Level', 'Condition', 'Meaning', 'Style'], rows)}

**Threshold Source:** its declaration, \`${declaredIn}\`: reducer, views, alarms and clients read it there.`;
}

function flow(record: TelemetryRecord, tree: SourceTree | null): string {
  const { source, schema } = record;
  const path = stagesOf(record);
  const quoted = (reference: Reference) => {
    const text = record.quotes && tree?.(reference.file);
    const lines = text ? quote(text, reference.symbol) : null;
    return lines === null ? '' : `\n\n\`\`\`ts\n${lines}\n\`\`\``;
  };
  return `## 4. Data Flow

### Source (Emitter)

${table(
  ['Property', 'Value'],
  [
    ['**Origin**', source.origin],
    ['**File**', code(source.file)],
    ['**Function/Method**', call(source)],
    ['**Source call**', code(source.call)],
    ['**Line(s)**', 'none kept: verification resolves the symbol'],
    ...(record.alsoFrom ?? []).map(also => [
      '**Also from**',
      `${also.origin}: ${call(also)} in ${code(also.file)}, ${code(also.call)}`,
    ]),
  ],
)}${quoted(source)}

### Transport

${table(
  ['Stage', 'Mechanism', 'File'],
  path.map(({ stage, mechanism, file }, i) => [`**${i + 1}. ${stage}**`, mechanism, code(file)]),
)}

${carried(record)}

\`\`\`
${path.map(({ symbol, hands }) => `[${symbol}]${hands === '' ? '' : `\n    ↓ (${hands})`}`).join('\n')}
    ↓ (${record.meaning.formula !== null ? 'computed field' : 'direct field assignment'})
[${record.path}]
\`\`\`

### Schema Location

${table(
  ['Property', 'Value'],
  [
    ['**Schema**', code(schema.type)],
    [
      '**Field**',
      `${code(record.path.split('.').at(-1)!)} (${record.document === 'report' ? 'made by the analysis' : schema.constituents.length > 0 ? 'computed by the reducer' : 'stored'})`,
    ],
    ['**Constituent Fields**', schema.constituents.map(code).join(', ') || 'none'],
    record.document === 'report'
      ? ['**Path from RunReport**', placeInReport(record)]
      : ['**Path from SanctumSnapshot**', code(`snapshot.${record.path}`)],
    ['**Schema File**', code(record.schema.file)],
    ['**Schema Lines**', 'none kept either'],
    ['**Made by**', `${call(schema.reducer)} in ${code(schema.reducer.file)}`],
  ],
)}${quoted({ file: record.schema.file, symbol: schema.type })}${quoted(schema.reducer)}

### Consumers (Display)

${table(
  ['Widget', 'File', 'Usage'],
  record.consumers.map(({ widget, file, form, usage }) => [widget, code(file), `${code(form)}: ${usage}`]),
)}${record.consumers.map(({ file, widget, symbol }) => quoted({ file, symbol: symbol ?? widget })).join('')}`;
}

/** Which event carries the figure, and in which of its fields. */
function carried({ transport: { event, fields, envelope = [] } }: TelemetryRecord): string {
  const list = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}${names.length > 1 ? 's' : ''} ${names.map(code).join(', ')}`];
  const where = [...list('field', fields), ...list('envelope field', envelope)].join('; ');
  return fields.length > 0 ? `Event ${code(event)}, ${where}.` : `Every event, ${where}.`;
}

const list = (texts: readonly string[]) => texts.map(code).join(', ');

/** What each stage of the wiring tests proves of the figure, in the order of the path. */
function proofs(record: TelemetryRecord): [stage: string, proof: string][] {
  const { source, transport, path, example, specification, consumers, thresholds: own, document } = record;
  const { event, fields, envelope = [] } = transport;
  return [
    ['Record is complete', `in category ${categoryOf(record.id)}`],
    ['Emitter exists', `${call(source)} runs and measures it`],
    [
      'Transport works',
      `${code(event)} comes through a log file on disk with ${list([...fields, ...envelope])} unchanged`,
    ],
    ['Schema field exists', code(`${document ?? 'snapshot'}.${path}`)],
    [
      'Property is correct',
      `${code(JSON.stringify(example))} goes in and comes out, ${code(JSON.stringify(specification.default))} where nothing is measured; nothing is clamped`,
    ],
    [
      'Consumer reads it',
      `seen in ${[...new Set(consumers.map(({ widget }) => widget))].join(', ')}, following the value`,
    ],
    ['Display is correct', consumers.map(({ widget, form }) => `${code(form)} in ${widget}`).join(', ')],
    [
      'Thresholds applied',
      own === null
        ? 'none: the figure is shown, not judged'
        : own.examples.map(([value, level]) => `${value} ${own.styles[level] ?? level}`).join(', '),
    ],
    ['Dependencies agree', 'what it is made of is named upstream'],
    ['References resolve', 'every symbol is where this page points'],
    ['Tests exist', `${record.tests.length} named`],
  ];
}

const wiring: Section = record => `## 5. Wiring Verification

### Checklist

${proofs(record)
  .map(([stage, proof]) => `- ${tick(true)} **${stage}** — ${proof}`)
  .join('\n')}

### Test Coverage

${table(
  ['Test Type', 'File', 'Test Name', 'Status'],
  record.tests.map(({ kind, file, name }) => [kind, code(file), name, code(tick(true))]),
)}

### Manual Verification Steps

${manual(record)
  .map((step, i) => `${i + 1}. ${step}`)
  .join('\n')}`;

function manual({ consumers, thresholds: own, document }: TelemetryRecord): string[] {
  const seen = own?.examples.filter(([, , form]) => form !== null) ?? [];
  return [
    'Start training with: `npx esper ppo --episodes 10 --device sim:8GiB`',
    document === 'report'
      ? 'Report on it: `npx esper report latest`'
      : 'Open Sanctum (opens by itself on a terminal, or `npx sanctum latest`) and Overwatch (`npx esper serve`)',
    ...consumers.map(({ widget, form }) => `Find the figure in the ${widget}, as in ${code(form)}`),
    ...(seen.length > 0
      ? [
          `Watch it cross its thresholds:\n${seen
            .map(
              ([value, level, form]) =>
                `   - ${value}: ${code(form!)}, ${level}, ${own?.styles[level] ?? 'plain'}`,
            )
            .join('\n')}`,
        ]
      : []),
  ];
}

const rowsOf = (dependencies: readonly Dependency[]) =>
  dependencies.map(({ on, type, notes: text }) => [
    type === 'library' || type === 'command' || type === 'file' ? code(on) : on,
    type,
    text,
  ]);

const dependencies: Section = ({
  transport,
  consumers,
  dependencies: { upstream, downstream },
}) => `## 6. Dependencies

### Upstream (this telemetry depends on)

${table(
  ['Dependency', 'Type', 'Notes'],
  [[code(transport.event), 'event', 'Carries it'], ...rowsOf(upstream)],
)}

### Downstream (depends on this telemetry)

${table(
  ['Dependent', 'Type', 'Notes'],
  [...consumers.map(({ widget, usage }) => [widget, 'display', usage]), ...rowsOf(downstream)],
)}`;

const history: Section = record => `## 7. History

${
  record.history.length === 0
    ? `None but its declaration: \`git log -- ${record.declaredIn}\`.`
    : table(
        ['Date', 'Author', 'Change'],
        record.history.map(({ date, author, change }) => [date, author, change]),
      )
}`;

const notes: Section = record => `## 8. Notes

${record.notes.map(([title, text]) => `> **${title}:** ${text}`).join('\n\n') || 'None.'}`;

/** Where a figure of a whole run stands in its report. */
const placeInReport = ({ path, finding }: TelemetryRecord): string =>
  `${code(`report.${path}`)}${finding === undefined ? '' : ` of the finding “${finding}”`}`;

/** The list of all pages, Markdown. */
export const indexPage = (records: readonly TelemetryRecord[]): string => `# Telemetry records

One page a figure, made by \`esper records docs\` from the declarations in \`src/figures/\`. How to add one:
[adding a figure](../adding-a-figure.md).

${table(
  ['Record', 'Figure', 'Category', 'Path in the snapshot, or the report', 'On the screen'],
  records.map(record => [
    `[${record.id}](${pageOf(record)})`,
    record.name,
    categoryOf(record.id) ?? 'none',
    record.document === 'report' ? placeInReport(record) : code(record.path),
    list([...new Set(record.consumers.map(({ form }) => form))]),
  ]),
)}
`;
