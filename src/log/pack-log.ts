/** A plain log → a packed one, and back. Each is there whole and held against the other before the other goes. */
import { closeSync, readSync, rmSync, statSync } from 'node:fs';
import { openRegular, writeFully, writeWholeInSteps } from '../disk/index.ts';
import { openLog } from './log-file.ts';
import { BLOCK_BYTES, PACKED, PackedText, packBlock } from './packed-log.ts';

/** Compresses a log beside itself, and compares every byte. Throws an Error of one sentence without its full stop, and leaves the log then. */
export async function packLog(path: string): Promise<void> {
  const { fd, stats } = openRegular(path);
  try {
    const text = Buffer.alloc(BLOCK_BYTES);
    await writeWholeInSteps(path + PACKED, function* (packed) {
      for (let at = 0; at < stats.size; ) {
        const read = readSync(fd, text, 0, text.length, at);
        if (read === 0) break;
        writeFully(packed, packBlock(text.subarray(0, read)));
        at += read;
        yield;
      }
    });
    if (!isSameText(path, fd)) {
      rmSync(path + PACKED, { force: true });
      throw new Error(`${path} changed while it was packed`);
    }
  } finally {
    closeSync(fd);
  }
}

function isSameText(path: string, plain: number): boolean {
  const { fd, stats } = openRegular(path + PACKED);
  try {
    const packed = new PackedText(fd, stats.size, path + PACKED);
    if (packed.size !== statSync(path).size) return false;
    const [a, b] = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)];
    for (let at = 0; at < packed.size; ) {
      const length = packed.read(a, 0, a.length, at);
      if (length === 0 || readSync(plain, b, 0, length, at) !== length) return false;
      if (!a.subarray(0, length).equals(b.subarray(0, length))) return false;
      at += length;
    }
    return true;
  } finally {
    closeSync(fd);
  }
}

/** Takes the plain file away, of a log that {@link packLog} has packed. */
export const removePlain = (path: string): void => rmSync(path);

/** Makes a plain log of a packed one, which is removed. Throws as {@link openLog} and node:fs do, and leaves the packed one then. */
export async function unpackLog(path: string): Promise<void> {
  const log = openLog(path);
  try {
    await writeWholeInSteps(path, function* (plain) {
      const text = Buffer.alloc(BLOCK_BYTES);
      for (let at = 0; ; ) {
        const read = log.read(text, 0, text.length, at);
        if (read === 0) break;
        writeFully(plain, text.subarray(0, read));
        at += read;
        yield;
      }
    });
  } finally {
    log.close();
  }
  rmSync(path + PACKED);
}
