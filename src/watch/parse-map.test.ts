import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseMap } from './parse-map.ts';

test('keys, fields and factors, from the command line and from a file', () => {
  const path = join(tmpdir(), `esper-map-${process.pid}.json`);
  writeFileSync(path, '{"reward": "rollout.episodicReturn", "t": "timing.updateMs*1000"}');
  expect([...parseMap(['it=batch', 'a=b=memory.allocatedBytes*GiB', path])]).toEqual([
    ['it', { field: 'batch', factor: 1 }],
    ['a=b', { field: 'memory.allocatedBytes', factor: 1024 ** 3 }],
    ['reward', { field: 'rollout.episodicReturn', factor: 1 }],
    ['t', { field: 'timing.updateMs', factor: 1000 }],
  ]);
});

test.each([
  ['loss=loss.polcy', /“loss\.polcy” is no field: --map takes KEY=FIELD with one of batch, loss\.total/],
  ['loss=loss.policy*furlong', /no factor that is a number or one of KiB, MiB/],
  ['loss=loss.policy*', /no factor/],
  ['nowhere.json', /takes KEY=FIELD or a JSON file, and nowhere\.json cannot be read/],
])('%s is refused in one sentence', (entry, message) => {
  expect(() => parseMap([entry])).toThrow(message);
});
