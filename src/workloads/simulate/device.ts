/**
 * A device as its driver sees it: a number of bytes and who holds them. Addresses are virtual and never
 * reused, so a request is refused for lack of bytes only, never for lack of a contiguous range.
 */
export interface DeviceOptions {
  totalBytes: number;
  /** What this process holds outside the allocator (CUDA context, libraries), bytes. */
  contextBytes?: number;
  /** The process's name of the device. */
  name?: string;
}

const FIRST_ADDRESS = 2 ** 21;

export class Device {
  readonly name: string;
  readonly totalBytes: number;
  #processBytes: number;
  #neighbourBytes = 0;
  #nextAddress = FIRST_ADDRESS;

  constructor({ totalBytes, contextBytes = 0, name = 'sim:0' }: DeviceOptions) {
    this.totalBytes = totalBytes;
    this.name = name;
    this.#processBytes = contextBytes;
  }

  /** All of this process, the context included, bytes. */
  get processBytes(): number {
    return this.#processBytes;
  }

  /** All other processes, bytes. */
  get neighbourBytes(): number {
    return this.#neighbourBytes;
  }

  get freeBytes(): number {
    return this.totalBytes - this.#processBytes - this.#neighbourBytes;
  }

  /**
   * Sets what other processes hold, bytes.
   * @returns what they got: never more than this process leaves them
   */
  setNeighbourBytes(bytes: number): number {
    this.#neighbourBytes = Math.floor(Math.min(bytes, this.totalBytes - this.#processBytes));
    return this.#neighbourBytes;
  }

  /** `cudaMalloc`: the address of `bytes` new bytes, or null when the device refuses. */
  malloc(bytes: number): number | null {
    if (bytes > this.freeBytes) return null;
    const address = this.#nextAddress;
    this.#nextAddress += bytes;
    this.#processBytes += bytes;
    return address;
  }

  /** `cudaFree` of a range of `bytes`. */
  free(bytes: number): void {
    this.#processBytes -= bytes;
  }
}
