import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { schemaFiles } from '../../scripts/write-schemas.ts';
import { checkEvent, isMalformed, parseEvent } from './index.ts';

describe('the committed JSON Schemas', () => {
  test.each(Object.entries(schemaFiles()))('%s is current (npm run schemas)', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('one line', () => {
  const update = {
    v: '1.0',
    seq: 0,
    timeMs: 0,
    run: 'r',
    rank: 0,
    type: 'PPO_UPDATE_COMPLETED',
    data: { batch: 1 },
  };
  const reason = (change: object) =>
    (checkEvent({ ...update, ...change }) as { malformed?: string }).malformed;

  test('a newer minor version, fields not known and null figures are accepted and kept', () => {
    const newer = {
      ...update,
      v: '1.7',
      data: { batch: 1, novelty: 3, loss: { policy: null, auxiliary: 2 } },
      later: 1,
    };
    expect(checkEvent(newer)).toBe(newer);
  });

  test('a type not known and another major version are kept, marked unknown', () => {
    expect(checkEvent({ ...update, type: 'NOVELTY', data: 7 })).toMatchObject({
      type: 'NOVELTY',
      data: 7,
      unknown: true,
    });
    expect(checkEvent({ ...update, v: '2.0', data: 'all new' })).toMatchObject({ unknown: true });
  });

  test('what is no event is refused with the reason', () => {
    expect(reason({ seq: -1 })).toMatch(/^\/seq: /);
    expect(reason({ data: { batch: 'one' } })).toMatch(/^\/data\/batch: /);
    expect(reason({ data: { batch: 1, memory: [{ device: 'cuda:0', allocatedBytes: 1.5 }] } })).toMatch(
      /allocatedBytes/,
    );
    expect(reason({ run: undefined })).toMatch(/^\/run: /);
    for (const value of [null, 3, 'text', [], {}]) expect(isMalformed(checkEvent(value))).toBe(true);
    expect(parseEvent('{"v":')).toEqual({ malformed: 'not JSON' });
  });
});
