/**
 * Real programs on the stand-in device, with PyTorch from PyPI: from the script to the verdict; and the simulated allocator driven by the same
 * programs' requests has PyTorch's figures at every update. All run in forks of one process. The others: .ci/run.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FaultProgram, recordingOf, reportOf } from '../../bench/verdict/programs.ts';
import { interpreterOf } from '../environments.ts';
import { scratch } from '../scratch.ts';
import { drive, type RecordedProgram } from './driven.ts';

const list = resolve(import.meta.dirname, 'programs-on-standin.json');
const programs: (FaultProgram & { conf?: string })[] = JSON.parse(readFileSync(list, 'utf8')).programs;
const python = interpreterOf('torch-current');
const isThere = existsSync(python);
const SLOW_MS = 300_000;

describe.skipIf(!isThere)(
  `programs on the stand-in device${isThere ? '' : ' (skipped: no environment torch-current: scripts/python-environments.sh makes it)'}`,
  () => {
    const folder = scratch('programs');

    beforeAll(async () => {
      const script = resolve('scripts/record-faults.py');
      const { stderr } = await promisify(execFile)(python, [
        script,
        '--list',
        list,
        '--to',
        folder,
        '--traces',
      ]);
      expect(stderr).toBe('');
    }, SLOW_MS);

    test.each(programs)('$name: the verdict is $kind', program => {
      expect(reportOf(recordingOf(program, folder)).verdict.kind).toBe(program.kind);
    });

    test.each(programs)(
      '$name: the simulation driven by its requests has the same figures at every update',
      ({ name, conf }) => {
        const recorded: RecordedProgram = JSON.parse(
          gunzipSync(readFileSync(join(folder, `${name}.trace.json.gz`))).toString(),
        );
        expect(recorded.conf).toBe(conf ?? '');
        const { updates, allocations, differences } = drive(recorded);
        expect(differences).toEqual([]);
        expect(updates).toBeGreaterThanOrEqual(5);
        expect(allocations).toBeGreaterThan(10 * updates);
      },
    );
  },
);
