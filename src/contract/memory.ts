/**
 * GPU memory as one process sees one device, from one call of
 * `torch.cuda.memory_stats_as_nested_dict(device)` and one of `torch.cuda.mem_get_info(device)`.
 */
import { type Static, Type } from '@sinclair/typebox';
import { Bytes, Count, Fraction, Ms, Text } from './units.ts';

const PeakScope = Type.Union([Type.Literal('run'), Type.Literal('update')], {
  description: 'since when the peaks hold: start of the process ("run"), or the previous event ("update")',
});

export const DeviceMemory = Type.Object(
  {
    device: Type.String({
      description: 'the process’s name of the device: cuda:0, mps; sim:0 and standin:0 are no GPU',
    }),
    uuid: Text('device UUID, to match with the driver’s view; never match by index'),
    pciBusId: Text('PCI bus id, to match with the driver’s view'),
    name: Text('product name'),
    allocatedBytes: Bytes('allocated_bytes.all.current: held by tensors'),
    reservedBytes: Bytes('reserved_bytes.all.current: held by the caching allocator'),
    activeBytes: Bytes('active_bytes.all.current: allocated, or freed and still awaited by a stream'),
    requestedBytes: Bytes('requested_bytes.all.current: asked for, before rounding'),
    inactiveSplitBytes: Bytes(
      'inactive_split_bytes.all.current: free pieces of partly used segments; null under expandable segments',
    ),
    peakAllocatedBytes: Bytes('allocated_bytes.all.peak'),
    peakReservedBytes: Bytes('reserved_bytes.all.peak'),
    peakActiveBytes: Bytes('active_bytes.all.peak'),
    peakScope: Type.Optional(Type.Union([PeakScope, Type.Null()])),
    allocRetries: Count('num_alloc_retries, cumulative: cache flushed because the device refused'),
    ooms: Count('num_ooms, cumulative'),
    deviceAllocs: Count('num_device_alloc, cumulative'),
    deviceFrees: Count('num_device_free, cumulative'),
    syncAllStreams: Count('num_sync_all_streams, cumulative'),
    segments: Count('segment.all.current'),
    deviceFreeBytes: Bytes('mem_get_info()[0]: free on the device, all processes considered'),
    deviceTotalBytes: Bytes('mem_get_info()[1]'),
    processFraction: Fraction('set_per_process_memory_fraction, 1 where not set'),
    readMs: Ms('what this reading cost'),
    resolutionBytes: Bytes(
      'step that a log rounded these figures to, each known to half of it; null where they are exact',
    ),
  },
  { $id: 'DeviceMemory' },
);
export type DeviceMemory = Static<typeof DeviceMemory>;
