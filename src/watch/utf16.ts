/** Bytes in UTF-16, as PowerShell's `>` and Tee-Object write → UTF-8, chunk by chunk. Other bytes pass as they are. */

/** Of a file without a mark at its beginning, so many bytes are looked at. */
const LOOKED_AT = 512;

export class Utf16Reader {
  #encoding: 'utf-16le' | 'utf-16be' | null | undefined;
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  /** The first half of a mark whose other half has not come. */
  #first: Uint8Array | null = null;

  /** @param bytes the input's next bytes; the first show the encoding. */
  utf8(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0 || this.#encoding === null) return bytes;
    if (this.#encoding === undefined) {
      if (bytes.length === 1 && this.#first === null && bytes[0]! >= 0xfe) {
        this.#first = Uint8Array.from(bytes);
        return new Uint8Array(0);
      }
      if (this.#first !== null) return this.#joined(bytes);
      this.#encoding = utf16In(bytes);
      this.#decoder = this.#encoding === null ? null : new TextDecoder(this.#encoding);
    }
    return this.#decoder === null ? bytes : Buffer.from(this.#decoder.decode(bytes, { stream: true }));
  }

  #joined(bytes: Uint8Array): Uint8Array {
    const whole = Buffer.concat([this.#first!, bytes]);
    this.#first = null;
    return this.utf8(whole);
  }
}

/** The encoding that a text begins in; null for any but UTF-16. */
function utf16In(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // Latin letters have a zero byte each, always on the same side.
  const length = Math.min(bytes.length, LOOKED_AT) & ~1;
  const zeros = [0, 0];
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i & 1]!++;
  const [before, behind] = zeros as [number, number];
  const most = length * 0.4;
  if (length < 16) return null;
  if (behind > most && before === 0) return 'utf-16le';
  return before > most && behind === 0 ? 'utf-16be' : null;
}
