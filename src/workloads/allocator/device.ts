/**
 * A device as its driver sees it: a number of bytes, who holds them, and the addresses under which they are handed out.
 * Addresses are virtual: a request is refused for lack of bytes only, never for lack of a contiguous range.
 */
import { type Addresses, FallingArenas } from './addresses.ts';

export interface DeviceOptions {
  totalBytes: number;
  /** What this process holds outside the allocator (CUDA context, libraries), bytes. */
  contextBytes?: number;
  /** The process's name of the device. */
  name?: string;
  /** Where the driver places what it hands out; as Linux' driver by default. */
  addresses?: Addresses;
}

export class Device {
  readonly name: string;
  readonly totalBytes: number;
  readonly #addresses: Addresses;
  #processBytes: number;
  #neighbourBytes = 0;

  constructor({
    totalBytes,
    contextBytes = 0,
    name = 'sim:0',
    addresses = new FallingArenas(),
  }: DeviceOptions) {
    this.totalBytes = totalBytes;
    this.name = name;
    this.#processBytes = contextBytes;
    this.#addresses = addresses;
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
    if (!this.map(bytes)) return null;
    return this.#addresses.take(bytes);
  }

  /** `cudaFree` of a range that {@link malloc} gave. */
  free(address: number, bytes: number): void {
    this.unmap(bytes);
    this.#addresses.giveBack(address);
  }

  /** `cuMemAddressReserve`: addresses without memory. */
  reserve(bytes: number): number {
    return this.#addresses.reserve(bytes);
  }

  /** `cuMemAddressFree` of a range that {@link reserve} gave. */
  unreserve(address: number): void {
    this.#addresses.unreserve(address);
  }

  /** `cuMemCreate` and `cuMemMap`: memory for `bytes` of a reserved range; false when the device refuses. */
  map(bytes: number): boolean {
    if (bytes > this.freeBytes) return false;
    this.#processBytes += bytes;
    return true;
  }

  /** `cuMemUnmap` and `cuMemRelease`. */
  unmap(bytes: number): void {
    this.#processBytes -= bytes;
  }

  /** Takes a range over that is in use already. Throws a RangeError where the device has not so much. */
  occupy(address: number, bytes: number): void {
    if (!this.map(bytes))
      throw new RangeError(`${bytes} bytes at ${address} are more than the device has free`);
    this.#addresses.occupy(address, bytes);
  }
}
