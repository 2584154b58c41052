/** Bytes of a file that came in and were not read yet: the beginning of something whose end is still to come. */
import { UnreadableSnapshot } from './tables.ts';

export class Unread {
  bytes = new Uint8Array(0);
  /** Where in the file they begin. */
  offset = 0;

  /** @param read reads on in what is there with the chunk; returns how many bytes of it are done. */
  take(chunk: Uint8Array, read: (bytes: Uint8Array) => number): void {
    let all = chunk;
    if (this.bytes.length > 0) {
      all = new Uint8Array(this.bytes.length + chunk.length);
      all.set(this.bytes);
      all.set(chunk, this.bytes.length);
    }
    const done = read(all);
    this.offset += done;
    this.bytes = all.slice(done);
  }

  /** The error of a file that ends with them. */
  cutOff(): UnreadableSnapshot {
    return new UnreadableSnapshot(
      `it is cut off after ${this.offset + this.bytes.length} bytes, before its end`,
    );
  }
}
