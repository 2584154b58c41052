/** A reading of a simulated device, as a process takes it of a real one. */
import type { DeviceMemory } from '../../contract/index.ts';
import type { CachingAllocator } from '../allocator/index.ts';

/** The device as its process sees it. `peakScope` is set by the code that resets the peaks, or does not. */
export function readMemory(
  allocator: CachingAllocator,
  peakScope: NonNullable<DeviceMemory['peakScope']>,
): DeviceMemory {
  const began = performance.now();
  const stats = allocator.memoryStats();
  const { freeBytes, totalBytes } = allocator.memGetInfo();
  return {
    device: allocator.device.name,
    uuid: null,
    pciBusId: null,
    name: `Simulated GPU, ${Number((totalBytes / 2 ** 30).toFixed(2))} GiB`,
    allocatedBytes: stats.allocated_bytes.all.current,
    reservedBytes: stats.reserved_bytes.all.current,
    activeBytes: stats.active_bytes.all.current,
    requestedBytes: stats.requested_bytes.all.current,
    // Of expandable segments PyTorch counts none, so that 0 would be no measurement.
    inactiveSplitBytes: allocator.hasExpandableSegments ? null : stats.inactive_split_bytes.all.current,
    peakAllocatedBytes: stats.allocated_bytes.all.peak,
    peakReservedBytes: stats.reserved_bytes.all.peak,
    peakActiveBytes: stats.active_bytes.all.peak,
    peakScope,
    allocRetries: stats.num_alloc_retries,
    ooms: stats.num_ooms,
    deviceAllocs: stats.num_device_alloc,
    deviceFrees: stats.num_device_free,
    syncAllStreams: stats.num_sync_all_streams,
    segments: stats.segment.all.current,
    deviceFreeBytes: freeBytes,
    deviceTotalBytes: totalBytes,
    processFraction: allocator.processFraction,
    readMs: performance.now() - began,
  };
}
