/** What the driver and the host said. */
import type { EventOf } from '../contract/index.ts';
import type { Draft } from './draft.ts';

export function deviceSampled(draft: Draft, event: EventOf<'DEVICE_SAMPLED'>): void {
  const rank = draft.rank(event.rank);
  rank.driver = event.data.devices;
  rank.driverTimeMs = event.timeMs;
}

export function hostSampled(draft: Draft, event: EventOf<'HOST_SAMPLED'>): void {
  const { ramUsedBytes = null, ramTotalBytes = null, cpuPercent = null, processRssBytes = null } = event.data;
  draft.rank(event.rank).host = {
    ramUsedBytes,
    ramTotalBytes,
    ramUsedPercent: ramUsedBytes !== null && ramTotalBytes ? (ramUsedBytes / ramTotalBytes) * 100 : null,
    cpuPercent,
    processRssBytes,
  };
}
