/** A process that writes a run as a trainer does; run by faults tests, which kill it. Prints each seq once emit returned. */
import { writeSync } from 'node:fs';
import { Emitter } from '../../src/emit/emitter.ts';
import { LogWriter } from '../../src/log/index.ts';

const folder = process.argv[2]!;
try {
  const sink = new LogWriter(folder);
  const emitter = new Emitter({ run: 'test', rank: 0, sink, firstSeq: sink.nextSeq });
  process.on('SIGTERM', () => {
    sink.close();
    process.exit(0);
  });
  const work = () => {
    for (let i = 0; i < 20; i++) {
      const seq = emitter.nextSeq;
      emitter.emit('PPO_UPDATE_COMPLETED', {
        batch: seq,
        memory: [{ device: 'cuda:0', name: 'é'.repeat(seq % 500) }],
      });
      writeSync(1, `${seq}\n`);
    }
    setImmediate(work);
  };
  work();
} catch (error) {
  writeSync(1, `${(error as Error).name}\n`);
}
