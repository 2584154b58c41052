/** Notices as JSON lines appended to a file: each is there whole or not at all. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { writeFully } from '../disk/index.ts';
import type { AlarmSink } from './delivery.ts';

// Nobody may read a pipe: to open it must not wait.
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

/** Appends one line. Throws as node:fs does, and then leaves nothing of it, unless another process wrote meanwhile. */
function appendLine(path: string, line: string): void {
  const fd = openSync(path, FLAGS, 0o666);
  try {
    const before = fstatSync(fd);
    try {
      writeFully(fd, line);
    } catch (error) {
      const { size } = fstatSync(fd);
      // A full disk took a part. More than ours is another's.
      if (before.isFile() && size > before.size && size < before.size + Buffer.byteLength(line))
        ftruncateSync(fd, before.size);
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}

/** Written before `deliver` returns; what the disk refused is lost and counted. */
export function fileSink(path: string): AlarmSink {
  let delivered = 0;
  let lost = 0;
  let problem: string | null = null;
  return {
    name: 'file',
    deliver(notice) {
      try {
        appendLine(path, `${JSON.stringify(notice)}\n`);
        delivered++;
      } catch (error) {
        lost++;
        problem = (error as Error).message;
      }
    },
    close: async () => {},
    stats: () => ({ delivered, retries: 0, lost, waiting: 0, problem }),
  };
}
