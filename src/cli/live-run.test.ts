import { expect, test } from 'vitest';
import { event, reading, update } from '../../test/events.ts';
import { scratch } from '../../test/scratch.ts';
import { createRun, LogWriter } from '../log/index.ts';
import { LiveRun } from './live-run.ts';

test('of a trainer that was killed the verdict is made of all that it wrote', async () => {
  const folder = createRun({ runs: scratch('live-run'), name: 'killed' }).path;
  const line = (value: object) => `${JSON.stringify(value)}\n`;
  const writer = new LogWriter(folder);
  writer.append(line(event('TRAINING_STARTED', {})) + line(update(1, [reading(1, 8)])));
  const run = new LiveRun(folder, () => 0);
  const following = run.follow();
  await run.readToEnd();
  expect(run.getState().verdict!.run.updates).toBe(1);
  // By that clock no report is due any more; and the writer leaves without an end.
  writer.append(line(update(2, [reading(1, 8)])));
  writer.close();
  await run.ended();
  const { snapshot, verdict } = run.getState();
  expect(snapshot.run.state).toBe('gone');
  expect(verdict!.run.updates).toBe(2);
  run.stop();
  await following;
});
