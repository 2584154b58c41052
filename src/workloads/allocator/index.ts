/** PyTorch's CUDA caching allocator, simulated: checked against PyTorch's own, decision by decision (test/allocator). */
export type { Addresses } from './addresses.ts';
export { CachingAllocator } from './allocator.ts';
export type { Block } from './block.ts';
export { Device } from './device.ts';
export { OutOfMemoryError } from './out-of-memory.ts';
export { type AllocatorSettings, allocatorSettings } from './settings.ts';
export type { Pool } from './sizes.ts';
export type { SegmentInfo } from './state.ts';
