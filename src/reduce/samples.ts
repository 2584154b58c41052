/** What the driver and the host reported. */
import type { EventOf } from '../contract/index.ts';
import type { RankDraft } from './draft.ts';

export function deviceSampled(draft: RankDraft, event: EventOf<'DEVICE_SAMPLED'>): void {
  const rank = draft.state;
  rank.driver = event.data.devices;
  rank.driverTimeMs = event.timeMs;
  draft.touchAll();
}

export function hostSampled(draft: RankDraft, event: EventOf<'HOST_SAMPLED'>): void {
  const { ramUsedBytes = null, ramTotalBytes = null, cpuPercent = null, processRssBytes = null } = event.data;
  draft.state.host = {
    ramUsedBytes,
    ramTotalBytes,
    ramUsedPercent: ramUsedBytes !== null && ramTotalBytes ? (ramUsedBytes / ramTotalBytes) * 100 : null,
    cpuPercent,
    processRssBytes,
  };
}
