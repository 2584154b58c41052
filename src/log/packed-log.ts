/**
 * A log that `esper pack` compressed: a gzip file of blocks, each a member of its own that any gzip reads, with its two sizes in the
 * extra field of its header. The text stays readable at any place, at the cost of one block.
 */
import { readSync } from 'node:fs';
import { constants, gunzipSync, gzipSync } from 'node:zlib';

/** Bytes of text in a block. */
export const BLOCK_BYTES = 1024 * 1024;
/** What another program compressed is one block, whose text must fit into memory. */
const LARGEST_FOREIGN = 256 * 2 ** 20;
const HEADER = 10;
/** XLEN, the subfield `Ep` of 8 bytes: the member's length, and its text's. */
const EXTRA = 14;
const FEXTRA = 4;

export const PACKED = '.gz';

interface Block {
  /** Place and length of the member in the file. */
  at: number;
  bytes: number;
  /** Place and length of its text. */
  textAt: number;
  textBytes: number;
}

/** One member with its sizes. */
export function packBlock(text: Uint8Array): Buffer {
  const plain = gzipSync(text, { level: constants.Z_DEFAULT_COMPRESSION });
  const block = Buffer.alloc(plain.length + EXTRA);
  plain.copy(block, 0, 0, HEADER);
  block[3] = FEXTRA;
  block.writeUInt16LE(EXTRA - 2, HEADER);
  block.write('Ep', HEADER + 2, 'latin1');
  block.writeUInt16LE(8, HEADER + 4);
  block.writeUInt32LE(block.length, HEADER + 6);
  block.writeUInt32LE(text.length, HEADER + 10);
  plain.copy(block, HEADER + EXTRA, HEADER);
  return block;
}

export class PackedText {
  readonly #fd: number;
  readonly #blocks: Block[] = [];
  #newest: { block: Block; text: Buffer } | null = null;
  /** Bytes of the whole text. */
  size = 0;

  /** @param bytes of the file. Throws an Error of one sentence without its full stop where it is no gzip file. */
  constructor(fd: number, bytes: number, path: string) {
    this.#fd = fd;
    const head = Buffer.alloc(HEADER + EXTRA);
    for (let at = 0; at < bytes; ) {
      const read = readSync(fd, head, 0, head.length, at);
      const isOurs =
        read === head.length &&
        head[3] === FEXTRA &&
        head.toString('latin1', HEADER + 2, HEADER + 4) === 'Ep';
      if (read < HEADER || head[0] !== 0x1f || head[1] !== 0x8b || (!isOurs && at > 0))
        throw new Error(`${path} is no gzip file from byte ${at} on`);
      const block = isOurs
        ? {
            at,
            bytes: head.readUInt32LE(HEADER + 6),
            textAt: this.size,
            textBytes: head.readUInt32LE(HEADER + 10),
          }
        : this.#foreign(bytes, path);
      if (block.bytes < HEADER || at + block.bytes > bytes) throw new Error(`${path} was cut off`);
      this.#blocks.push(block);
      this.size += block.textBytes;
      at += block.bytes;
    }
  }

  /** Fills the buffer from `at` with text from `position` on. @returns bytes, 0 at the end. Throws where a block is damaged. */
  read(buffer: Buffer, at: number, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const text = this.#textAt(position + done);
      if (text === null) break;
      const copied = text.copy(buffer, at + done, 0, length - done);
      done += copied;
    }
    return done;
  }

  #textAt(position: number): Buffer | null {
    if (position >= this.size) return null;
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#blocks[middle]!.textAt <= position) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low]!;
    if (this.#newest?.block !== block) {
      const bytes = Buffer.alloc(block.bytes);
      readSync(this.#fd, bytes, 0, bytes.length, block.at);
      this.#newest = { block, text: gunzipSync(bytes) };
    }
    return this.#newest.text.subarray(position - block.textAt);
  }

  #foreign(bytes: number, path: string): Block {
    const all = Buffer.alloc(bytes);
    readSync(this.#fd, all, 0, bytes, 0);
    let text: Buffer;
    try {
      text = gunzipSync(all, { maxOutputLength: LARGEST_FOREIGN });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(
        code === 'ERR_BUFFER_TOO_LARGE'
          ? `${path} was compressed by another program and is too long to be read as it is: gunzip it`
          : `${path} cannot be decompressed: ${message}`,
      );
    }
    const block = { at: 0, bytes, textAt: 0, textBytes: text.length };
    this.#newest = { block, text };
    return block;
  }
}
