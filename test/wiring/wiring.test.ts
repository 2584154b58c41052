/** Verification holds for what is there, and notices when any one stage of the path is broken. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { LineSink, RunReport, SanctumSnapshot, TelemetryEvent } from '../../src/contract/index.ts';
import { allRecords, categoryOf, limits, type TelemetryRecord, valueAt } from '../../src/figures/index.ts';
import { pageOf, recordPage } from '../../src/figures/record-page.ts';
import { holds, type Stage, stages, type Verification } from './checklist.ts';
import type { Path } from './path.ts';
import { realPremises } from './premises.ts';
import { checkStage, investigate, type Premises, verify } from './verify.ts';
import { withValue } from './with-value.ts';

const records = allRecords();

let real: Premises;
let verified: Verification[];

beforeAll(async () => {
  real = await realPremises();
  verified = [...verify(real)];
});

const record = (id: string): TelemetryRecord => records.find(r => r.id === id)!;

const broken = (verification: Verification | undefined): Stage[] =>
  (verification?.checks ?? []).filter(c => c.outcome === 'fail').map(c => c.stage);

/** Stages of the record that fail under the changed premises, and not as it is. */
function failing(id: string, change: Partial<Premises>): Stage[] {
  const premises = { ...real, ...change };
  const before = broken(verified.find(v => v.id === id));
  const [after] = verify(premises, [premises.records.find(r => r.id === id)!]);
  return broken(after).filter(stage => !before.includes(stage));
}

/** The real path with one stage replaced. */
const pathWith = (change: Partial<Path>): Partial<Premises> => ({ path: { ...real.path, ...change } });

/** A sink that changes each event before it goes on. */
const changing = (sink: LineSink, change: (event: TelemetryEvent) => unknown): LineSink => ({
  append: line => sink.append(`${JSON.stringify(change(JSON.parse(line)))}\n`),
});

describe('as it is', () => {
  test('every record’s figure comes from its source to its screens', () => {
    const wrong = verified.flatMap(({ id, checks }) =>
      checks
        .filter(c => c.outcome === 'fail' && c.stage !== 'tests')
        .map(c => `${id} ${c.stage}: ${c.found}`),
    );
    expect(wrong).toEqual([]);
    expect(verified).toHaveLength(records.length);
  });

  test('every test that a record names exists', () => {
    const missing = verified.flatMap(({ id, checks }) =>
      checks.filter(c => c.outcome === 'fail' && c.stage === 'tests').map(c => `${id}: ${c.found}`),
    );
    expect(missing).toEqual([]);
    expect(verified.every(holds)).toBe(true);
  });

  test('every record is verified', ({ skip }) => {
    const idle = verified.flatMap(v => v.checks).find(c => c.outcome === 'not run');
    if (idle) skip(idle.found);
    expect(verified.filter(v => v.status !== 'verified').map(v => v.id)).toEqual([]);
  });

  test('a record’s page ticks every stage, which these tests make true', () => {
    for (const { checks } of verified)
      for (const { stage } of checks)
        expect(recordPage(record('TELE-770'), null)).toContain(`- [x] **${stages[stage]}**`);
  });

  test('the page in docs/telemetry is current (esper records docs)', async () => {
    const own = record('TELE-770');
    await expect(recordPage(own, null)).toMatchFileSnapshot(`../../docs/telemetry/${pageOf(own)}`);
  });

  test('every threshold that anybody judges by is a record’s own', () => {
    const own: unknown[] = records.map(r => r.thresholds);
    for (const [figure, thresholds] of Object.entries(limits)) expect(own, figure).toContain(thresholds);
  });

  test('a record’s number gives its category', () => {
    expect(categoryOf('TELE-001')).toBe('training');
    expect(categoryOf('TELE-199')).toBe('policy');
    expect(categoryOf('TELE-200')).toBe('value');
    expect(categoryOf('TELE-399')).toBe('gradient');
    expect(categoryOf('TELE-770')).toBe('infrastructure');
    for (const id of ['TELE-000', 'TELE-400', 'TELE-800', 'TELE-7700', 'X-770'])
      expect(categoryOf(id)).toBeNull();
  });
});

/** Removes a field from the event that carries a figure, wherever the event comes from. */
const without = (event: string, field: string) => (e: TelemetryEvent) =>
  e.type === event ? withValue(e, `data.${field}`, undefined) : e;

describe('TELE-770 is noticed to be broken when', () => {
  const [amount, of] = ['memory[].allocatedBytes', 'memory[].reservedBytes'];

  test('the emitter drops the field', () => {
    const emit: Path['emit'] = (fixture, sink) =>
      real.path.emit(fixture, changing(sink, without('PPO_UPDATE_COMPLETED', of)));
    expect(failing('TELE-770', pathWith({ emit }))).toContain('emitter');
  });

  test.each(['src/workloads/ppo/agent.ts', 'python/esper_telemetry/memory.py'])(
    'the source %s drops the field',
    file => {
      const measured: Premises['measured'] = source => {
        const found = real.measured(source);
        if (source.file !== file) return found;
        return {
          ...found,
          events: found.events!.map(without('PPO_UPDATE_COMPLETED', amount)) as TelemetryEvent[],
        };
      };
      expect(failing('TELE-770', { measured })).toEqual(['emitter']);
    },
  );

  test('the source mistakes one field for the other', () => {
    const measured: Premises['measured'] = source => {
      const found = real.measured(source);
      const swapped = found.events!.map(e =>
        e.type === 'PPO_UPDATE_COMPLETED'
          ? withValue(e, `data.${amount}`, e.data.memory![0]!.reservedBytes)
          : e,
      );
      return { ...found, events: swapped };
    };
    expect(failing('TELE-770', { measured })).toEqual(['emitter']);
  });

  test('the field is renamed in the payload', () => {
    const log: Path['log'] = write =>
      real.path.log(sink =>
        write({ append: line => sink.append(line.replaceAll('allocatedBytes', 'allocBytes')) }),
      );
    expect(failing('TELE-770', pathWith({ log }))).toContain('transport');
  });

  test('the log loses the event', () => {
    const log: Path['log'] = write => {
      const back = real.path.log(write);
      return { ...back, events: back.events.filter(e => e.type !== 'PPO_UPDATE_COMPLETED') };
    };
    expect(failing('TELE-770', pathWith({ log }))).toContain('transport');
  });

  test('the reducer returns a constant', () => {
    const reduce: Path['reduce'] = events =>
      withValue(real.path.reduce(events), 'tamiyo.infrastructure.memoryUsagePercent', 45);
    expect(failing('TELE-770', pathWith({ reduce }))).toContain('property');
  });

  test('the reducer clamps', () => {
    const reduce: Path['reduce'] = events => {
      const snapshot = real.path.reduce(events);
      const { memoryUsagePercent } = snapshot.tamiyo.infrastructure;
      return withValue(
        snapshot,
        'tamiyo.infrastructure.memoryUsagePercent',
        Math.min(100, memoryUsagePercent),
      );
    };
    expect(failing('TELE-770', pathWith({ reduce }))).toEqual(['property']);
  });

  test('the field leaves the snapshot', () => {
    const reduce: Path['reduce'] = events =>
      withValue(real.path.reduce(events), 'tamiyo.infrastructure.memoryUsagePercent', undefined);
    expect(failing('TELE-770', pathWith({ reduce }))).toContain('schema');
  });

  test.each([
    ['warning', { atLeast: 76 }],
    ['warning', { atLeast: 74 }],
    ['warning', { above: 75 }],
    ['critical', { above: 91 }],
    ['critical', { above: 89 }],
    ['critical', { atLeast: 90 }],
  ] as const)('the record shifts a threshold: %s %o', (level, bound) => {
    const shifted = withValue(record('TELE-770'), `thresholds.${level}`, bound);
    const changed = records.map(r => (r.id === 'TELE-770' ? shifted : r));
    expect(failing('TELE-770', { records: changed })).toContain('thresholds');
  });

  test.each([74, 76, 89, 91])('the reducer judges as if a threshold were %d', at => {
    const reduce: Path['reduce'] = events => {
      const snapshot = real.path.reduce(events);
      const percent = snapshot.tamiyo.infrastructure.memoryUsagePercent;
      const [warning, critical] = at < 80 ? [at, 90] : [75, at];
      const status = percent > critical ? 'critical' : percent >= warning ? 'warning' : 'healthy';
      return withValue(snapshot, 'tamiyo.infrastructure.memoryStatus', status);
    };
    expect(failing('TELE-770', pathWith({ reduce }))).toContain('thresholds');
  });

  test('two colours are swapped', () => {
    const [yellow, red] = ['\x1b[33m', '\x1b[1;31m'];
    const frame: Path['frame'] = (...args) =>
      real.path
        .frame(...args)
        .replaceAll(yellow, '*')
        .replaceAll(red, yellow)
        .replaceAll('*', red);
    expect(failing('TELE-770', pathWith({ frame }))).toEqual(['thresholds']);
  });

  test('the figure leaves the banner', () => {
    const frame: Path['frame'] = (...args) =>
      real.path.frame(...args).replaceAll(/\[Mem:\d+%\??\]/g, figure => ' '.repeat(figure.length));
    expect(failing('TELE-770', pathWith({ frame }))).toEqual(expect.arrayContaining(['consumer', 'display']));
  });

  test('the banner shows the same figure for every value', () => {
    const frame: Path['frame'] = (...args) =>
      real.path.frame(...args).replaceAll(/\[Mem:\d+%\??\]/g, '[Mem:45%]');
    expect(failing('TELE-770', pathWith({ frame }))).toContain('consumer');
  });

  test('the banner shows a figure where nothing is measured', () => {
    const frame: Path['frame'] = (...args) =>
      real.path.frame(...args).replace('Batch:84 ', 'Batch:84 [Mem:45%]');
    expect(failing('TELE-770', pathWith({ frame }))).toContain('display');
  });

  /** The page of Overwatch with its text changed. */
  const page =
    (change: (html: string) => string): Path['page'] =>
    (...args) =>
      change(real.path.page(...args));

  test('the figure leaves the page', () => {
    const broken = page(html => html.replaceAll(/\[Mem:\d+%\??\]/g, ''));
    expect(failing('TELE-770', pathWith({ page: broken }))).toEqual(
      expect.arrayContaining(['consumer', 'display', 'thresholds']),
    );
  });

  test('the page shows the same figure for every value, or one where nothing is measured', () => {
    const same = page(html => html.replaceAll(/\[Mem:\d+%\??\]/g, '[Mem:45%]'));
    expect(failing('TELE-770', pathWith({ page: same }))).toContain('consumer');
    const always = page(html => html.replace(/Batch:[\d/]+<\/b>/, '$&[Mem:45%]'));
    expect(failing('TELE-770', pathWith({ page: always }))).toContain('display');
  });

  test('the page swaps two colours', () => {
    const swapped = page(html =>
      html
        .replaceAll('tone-warning', '*')
        .replaceAll('tone-critical', 'tone-warning')
        .replaceAll('*', 'tone-critical'),
    );
    expect(failing('TELE-770', pathWith({ page: swapped }))).toEqual(['thresholds']);
  });

  test('a named test is deleted', () => {
    const { name } = record('TELE-770').tests[0]!;
    const deleted = (path: string) => real.tree(path)?.replaceAll(name, 'another test') ?? null;
    expect(failing('TELE-770', { tree: deleted })).toEqual(['tests']);
  });

  test('a symbol is renamed', () => {
    const tree = (path: string) =>
      real.tree(path)?.replaceAll('collectInfrastructureMetrics', 'readMemory') ?? null;
    expect(failing('TELE-770', { tree })).toEqual(['references']);
  });

  test('a dependency forgets it', () => {
    const forgetful = withValue(record('TELE-771'), 'dependencies.downstream', []);
    const changed = records.map(r => (r.id === 'TELE-771' ? forgetful : r));
    expect(failing('TELE-770', { records: changed })).toEqual(['dependencies']);
  });

  test('it leaves its category, or takes the figure of another', () => {
    const moved = (change: object) => {
      const own = { ...record('TELE-770'), ...change } as TelemetryRecord;
      return { records: records.map(r => (r.id === 'TELE-770' ? own : r)) };
    };
    expect(failing('TELE-801', moved({ id: 'TELE-801' }))).toContain('record');
    expect(failing('TELE-770', moved({ figure: 'approxKl' }))).toContain('record');
    expect(failing('TELE-770', moved({ tests: [] }))).toContain('record');
  });
});

describe('any record is noticed to be broken when', () => {
  /** Stages of the record, of those asked for, that hold although the path is changed. */
  const holding = (own: TelemetryRecord, change: Partial<Path>, ...asked: Stage[]): string[] => {
    const evidence = investigate({ ...real, ...pathWith(change) })(own);
    return asked
      .filter(stage => checkStage(stage, evidence).outcome !== 'fail')
      .map(stage => `${own.id} ${stage}`);
  };

  test('its source drops its field', () => {
    const carried = records.filter(r => r.transport.fields.length > 0);
    const held = carried.flatMap(own => {
      const drop = without(own.transport.event, own.transport.fields[0]!);
      const emit: Path['emit'] = (fixture, sink) => real.path.emit(fixture, changing(sink, drop));
      return holding(own, { emit }, 'emitter');
    });
    expect(held).toEqual([]);
  });

  test('the snapshot keeps a constant, or the report', () => {
    const held = records.flatMap(own => {
      let first: SanctumSnapshot | RunReport | null = null;
      const constant = <T extends SanctumSnapshot | RunReport>(made: T): T => {
        first ??= made;
        return withValue(made, own.path, valueAt(first, own.path));
      };
      const reduce: Path['reduce'] = events => constant(real.path.reduce(events));
      const analyse: Path['analyse'] = read => constant(real.path.analyse(read));
      return holding(own, own.document === 'report' ? { analyse } : { reduce }, 'property');
    });
    expect(held).toEqual([]);
  });

  test('its form leaves the terminal, the page, or the report', () => {
    const held = records.flatMap(own => {
      const words = own.consumers.map(c => c.form.trim().split(' ').at(-1)!);
      const gone = (screen: string) =>
        words.reduce((text, word) => text.replaceAll(word, '?'.repeat(word.length)), screen);
      const frame: Path['frame'] = (...args) => gone(real.path.frame(...args));
      const page: Path['page'] = (...args) => gone(real.path.page(...args));
      const reportText: Path['reportText'] = (...args) => gone(real.path.reportText(...args));
      const changes = own.document === 'report' ? [{ reportText }] : [{ frame }, { page }];
      return changes.flatMap(change => holding(own, change, 'consumer', 'display'));
    });
    expect(held).toEqual([]);
  });
});
