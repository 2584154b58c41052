/** Several processes of the job on one device: contexts of ranks that have a device of their own, or ranks that share one. */
import { amount } from '../../base/index.ts';
import { listedRanks, many } from '../../present/index.ts';
import { isSameDevice } from '../../reduce/index.ts';
import { onHost, type RankRule, rankPlace } from './beside.ts';

interface Shared {
  /** The rank whose device it is. */
  rank: number;
  device: string;
  guests: { rank: number; bytes: number | null; isOwner: boolean }[];
}

export const sharedDevice: RankRule = ranks => {
  const rankOf = new Map(
    ranks.all.flatMap(({ rank, started: { hostname, pid } }): [string, number][] =>
      pid == null ? [] : [[`${hostname ?? ''} ${pid}`, rank]],
    ),
  );
  const ofHost = new Map<string, (typeof ranks.all)[number][]>();
  for (const own of ranks.all) {
    const host = own.started.hostname ?? '';
    ofHost.set(host, [...(ofHost.get(host) ?? []), own]);
  }
  const found: Shared[] = [];
  for (const reporter of ranks.all) {
    const host = reporter.started.hostname ?? '';
    for (const sample of reporter.driver) {
      const there = (sample.processes ?? []).flatMap(({ pid, usedBytes }) => {
        const rank = pid == null ? undefined : rankOf.get(`${host} ${pid}`);
        return rank === undefined ? [] : [{ rank, bytes: usedBytes ?? null }];
      });
      if (there.length < 2) continue;
      const owners = new Map(
        ofHost
          .get(host)!
          .flatMap(({ rank, devices }) =>
            [...devices]
              .filter(([, { identity }]) => isSameDevice(identity, sample))
              .map(([name]): [number, string] => [rank, name]),
          ),
      );
      const [owner] = owners;
      if (owner === undefined || found.some(({ rank }) => rank === owner[0])) continue;
      const guests = there
        .filter(({ rank }) => rank !== owner[0])
        .map(guest => ({ ...guest, isOwner: owners.has(guest.rank) }));
      if (guests.length > 0) found.push({ rank: owner[0], device: owner[1], guests });
    }
  }
  const [worst] = found.sort((a, b) => b.guests.length - a.guests.length || a.rank - b.rank);
  if (worst === undefined) return null;
  const { rank, device, guests } = worst;
  const names = guests.map(guest => guest.rank);
  const bytes = guests.every(guest => guest.bytes !== null)
    ? guests.reduce((sum, guest) => sum + guest.bytes!, 0)
    : null;
  const isShared = guests.every(({ isOwner }) => isOwner);
  const elsewhere = found.length > 1 ? ` The same on ${many(found.length - 1, 'other device')}.` : '';
  return {
    kind: 'shared device',
    level: isShared ? 'info' : 'warning',
    rank,
    ranks: [rank, ...found.slice(1).map(other => other.rank)],
    ...rankPlace(rank, ranks),
    device,
    short: isShared
      ? `rank ${rank} shares ${device}`
      : `${many(guests.length, 'foreign context')} on rank ${rank}’s ${device}`,
    says: isShared
      ? `Ranks ${listedRanks([rank, ...names])}${onHost([rank], ranks)} share one device, ${device}.${elsewhere}`
      : `Processes of rank${names.length > 1 ? 's' : ''} ${listedRanks(names)} hold ${bytes === null ? 'memory' : amount(bytes)} on ${device} of rank ${rank}` +
        `${onHost([rank], ranks)} as well, beside their own devices.${elsewhere}`,
    value: bytes === null ? null : { low: bytes, mid: bytes, high: bytes },
    unit: bytes === null ? null : 'bytes',
    sinceBatch: null,
    next: isShared
      ? ['whether that is meant: CUDA_VISIBLE_DEVICES and LOCAL_RANK of these ranks']
      : [
          'torch.cuda.set_device(local_rank) before anything else touches CUDA',
          'torch.load(..., map_location=...): what was saved on cuda:0 is loaded there by every rank',
        ],
  };
};
