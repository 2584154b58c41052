/**
 * `esper query` beside Python's duckdb with the same questions to the same log file, each command a process of its own, its start
 * included. The answers have to be equal.
 *   npm run build
 *   python3 -m venv /tmp/duckdb && /tmp/duckdb/bin/pip install duckdb
 *   npx tsx bench/query.ts dist /tmp/duckdb/bin/python [events]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { median } from './measure.ts';
import { writeLog } from './sample-log.ts';

const [dist = 'dist', python = 'python3', count = '200000'] = process.argv.slice(2);
const REPEATS = 5;
/** Ticks of the kernel's processor time in a second: `getconf CLK_TCK`, which Linux has fixed. */
const TICKS = 100;

/** One question: to Esper's views, and to the lines of the log as DuckDB's own reader of JSON takes them. */
const questions = [
  {
    about: 'one figure of the learner',
    esper: 'SELECT count(*) AS n, max(entropy) AS a, max(totalLoss) AS b FROM updates',
    duckdb:
      "SELECT count(*) AS n, max(data.policy.entropy) AS a, max(data.loss.total) AS b FROM log WHERE type = 'PPO_UPDATE_COMPLETED'",
  },
  {
    about: 'memory of a device',
    esper: 'SELECT count(*) AS n, max(allocatedBytes) AS a, min(reservedBytes) AS b FROM devices',
    duckdb:
      "SELECT count(*) AS n, max(m.allocatedBytes) AS a, min(m.reservedBytes) AS b FROM (SELECT unnest(data.memory) AS m FROM log WHERE type = 'PPO_UPDATE_COMPLETED')",
  },
  {
    about: 'events by type',
    esper: "SELECT count(*) AS n, min(type) AS a, max(type) AS b FROM events WHERE type LIKE '%SAMPLED'",
    duckdb: "SELECT count(*) AS n, min(type) AS a, max(type) AS b FROM log WHERE type LIKE '%SAMPLED'",
  },
];

interface Timed {
  /** Elapsed, and of all processors, milliseconds. */
  wallMs: number;
  cpuMs: number;
  answer: string;
}

/** Processor time of the children that have ended, milliseconds. Linux. */
function childrenMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return ((Number(fields[13]) + Number(fields[14])) / TICKS) * 1000;
}

function timed(command: string, args: string[]): Timed {
  const [began, cpu] = [performance.now(), childrenMs()];
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0) throw new Error(stderr);
  return { wallMs: performance.now() - began, cpuMs: childrenMs() - cpu, answer: stdout };
}

const program = (file: string, sql: string) => `
import duckdb, json
log = duckdb.read_json(${JSON.stringify(file)}, format="newline_delimited")
row = duckdb.sql(${JSON.stringify(sql)}).fetchall()[0]
print(json.dumps([dict(zip(("n", "a", "b"), row))]))
`;

const folder = writeLog(Number(count));
const file = join(folder, 'events-0.jsonl');
try {
  const megabytes = (statSync(file).size / 1e6).toFixed(0);
  console.log(
    `${count} events, ${megabytes} MB; ${spawnSync(python, ['-c', 'import duckdb; print("duckdb", duckdb.__version__)'], { encoding: 'utf8' }).stdout.trim()} in Python; Node ${process.version}`,
  );
  for (const { about, esper, duckdb } of questions) {
    const [own, peer]: [Timed[], Timed[]] = [[], []];
    for (let i = 0; i < REPEATS; i++) {
      own.push(timed(process.execPath, [resolve(dist, 'cli/esper.js'), 'query', esper, folder, '--json']));
      peer.push(timed(python, ['-c', program(file, duckdb)]));
    }
    const [a, b] = [own[0]!, peer[0]!].map(({ answer }) => JSON.stringify(JSON.parse(answer)));
    if (a !== b) throw new Error(`${about}: ${a} is not ${b}`);
    const of = (runs: Timed[], key: 'wallMs' | 'cpuMs') => median(runs.map(run => run[key]));
    const parts = (['wallMs', 'cpuMs'] as const).map(key => {
      const [x, y] = [of(own, key), of(peer, key)];
      return `${key === 'wallMs' ? 'time' : 'processor time'} ${x.toFixed(0)} ms against ${y.toFixed(0)}, ratio ${(x / y).toFixed(2)}`;
    });
    console.log(`${about}: ${parts.join('; ')}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
