/** What the driver and the host report, for all processes of the device: sampled beside the training. */
import { type Static, Type } from '@sinclair/typebox';
import { Bytes, Count, Percent, Quantity, Text } from './units.ts';

export const DeviceProcess = Type.Object({
  pid: Count('process id, as the driver reports it (in a container: of another pid namespace)'),
  name: Text('process name'),
  usedBytes: Bytes('device memory of this process; null where the driver hides it'),
});
export type DeviceProcess = Static<typeof DeviceProcess>;

/** One device as the driver sees it (nvidia-smi --query-gpu, NVML). */
export const DeviceSample = Type.Object({
  uuid: Text('device UUID'),
  pciBusId: Text('PCI bus id'),
  index: Count('the driver’s index: PCI order, not CUDA’s order'),
  name: Text('product name'),
  usedBytes: Bytes('memory.used: all processes and the driver’s own'),
  totalBytes: Bytes('memory.total'),
  utilizationPercent: Percent('utilization.gpu: share of time in which a kernel ran'),
  temperatureCelsius: Quantity('temperature.gpu, °C'),
  powerWatts: Quantity('power.draw, W'),
  processes: Type.Optional(Type.Union([Type.Array(DeviceProcess), Type.Null()])),
});
export type DeviceSample = Static<typeof DeviceSample>;

export const DevicesSampled = Type.Object({ devices: Type.Array(DeviceSample) });
export type DevicesSampled = Static<typeof DevicesSampled>;

export const HostSampled = Type.Object({
  ramUsedBytes: Bytes('MemTotal − MemAvailable'),
  ramTotalBytes: Bytes('MemTotal, or the container’s limit where lower'),
  cpuPercent: Percent('busy share of all cores since the previous sample'),
  processRssBytes: Bytes('resident set of the trainer'),
});
export type HostSampled = Static<typeof HostSampled>;
