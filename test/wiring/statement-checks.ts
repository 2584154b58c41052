/** The stages that need no run: the record itself, its dependencies, its references and its tests. */
import {
  type Category,
  categoryOf,
  type Reference,
  stagesOf,
  type TelemetryRecord,
} from '../../src/figures/index.ts';
import type { Stage } from './checklist.ts';
import { isOnPage, REPORT } from './regions.ts';
import { declares } from './source-tree.ts';
import { type Evidence, type Finding, ok, type StageCheck, wrong } from './verify.ts';

type StatementStage = Extract<Stage, 'record' | 'dependencies' | 'references' | 'tests'>;

export const statementChecks: Record<StatementStage, StageCheck> = {
  record,
  dependencies,
  references,
  tests,
};

/** Its id is in a category's range and its own; nothing that a reader needs is empty. */
function record({ record: own, records }: Evidence): Finding {
  const category: Category | null = categoryOf(own.id);
  if (category === null) return wrong(`${own.id} is in no category's range`);
  for (const other of records)
    if (other !== own && (other.id === own.id || other.figure === own.figure))
      return wrong(`${other.id} has the same ${other.id === own.id ? 'id' : 'figure'}`);
  const needed: [string, { length: number }][] = [
    ['a summary', own.summary],
    ['a question', own.purpose.question],
    ['readers', own.purpose.who],
    ['moments', own.purpose.when],
    ['a meaning', own.meaning.text],
    ['consumers', own.consumers],
    ['tests', own.tests],
    ['dependents', own.dependencies.downstream],
  ];
  const lacks = needed.find(([, value]) => value.length === 0);
  return lacks
    ? wrong(`the record has no ${lacks[0].replace(/^an? /, '')}`)
    : ok(`complete, in category ${category}`);
}

/** Other records exist and name this one in return; what a computed figure is made of has its record upstream. */
function dependencies({ record: own, records }: Evidence): Finding {
  const { upstream, downstream } = own.dependencies;
  const named = (list: TelemetryRecord['dependencies']['upstream']) =>
    list.filter(d => d.type === 'record').map(d => d.on);
  for (const [list, back] of [
    [named(upstream), 'downstream'],
    [named(downstream), 'upstream'],
  ] as const)
    for (const id of list) {
      const other = records.find(r => r.id === id);
      if (other === undefined) return wrong(`${id} does not exist`);
      if (!named(other.dependencies[back]).includes(own.id))
        return wrong(`${id} does not name ${own.id} ${back}`);
    }
  for (const path of own.schema.constituents) {
    const source = records.find(r => r.path === path && r !== own);
    if (source && !named(upstream).includes(source.id))
      return wrong(`made of ${source.id}, which is not upstream`);
  }
  const count = named(upstream).length + named(downstream).length;
  return ok(count === 0 ? 'on no other record' : `${count} with other records, named on both sides`);
}

/** Every symbol that the record names is declared where it points. */
function references({ record: own, tree }: Evidence): Finding {
  const named: Reference[] = [
    own.source,
    ...(own.alsoFrom ?? []),
    ...stagesOf(own),
    own.schema.reducer,
    { file: own.schema.file, symbol: own.schema.type },
    ...own.consumers.flatMap(({ widget, file, symbol }) => [
      ...(isOnPage(widget) || widget === REPORT
        ? []
        : [{ file: `src/sanctum/${widget}.ts`, symbol: widget }]),
      { file, symbol: symbol ?? widget },
    ]),
  ];
  for (const { file, symbol } of named) {
    const text = tree(file);
    if (text === null) return wrong(`${file} does not exist`);
    if (!declares(text, symbol)) return wrong(`${file} declares no ${symbol}`);
  }
  return ok(`${named.length} symbols are where the record points`);
}

/** The tests it names exist. */
function tests({ record: own, tree }: Evidence): Finding {
  for (const { file, name } of own.tests) {
    const text = tree(file);
    if (text === null) return wrong(`${file} does not exist`);
    if (!["'", '"', '`'].some(mark => text.includes(mark + name + mark)))
      return wrong(`${file} has no test “${name}”`);
  }
  return ok(`${own.tests.length} named, all there`);
}
