/** The segments of an allocator as plain data, and back. */
import { type Block, blocksFrom, type Segment } from './block.ts';
import type { Pool } from './sizes.ts';

/** A segment and its blocks, as `torch.cuda.memory_snapshot()` lists them: of an expandable one each mapped range. Bytes. */
export interface SegmentInfo {
  address: number;
  bytes: number;
  stream: number;
  pool: Pool;
  isExpandable?: boolean;
  blocks: {
    address: number;
    bytes: number;
    requestedBytes: number;
    state: Exclude<Block['state'], 'unmapped'>;
  }[];
}

function rangesOf({ head, stream, pool, pageBytes }: Segment): SegmentInfo[] {
  const ranges: SegmentInfo[] = [];
  let range: SegmentInfo | null = null;
  for (const { address, bytes, requestedBytes, state } of blocksFrom(head)) {
    if (state === 'unmapped') {
      range = null;
      continue;
    }
    if (range === null) {
      range = { address, bytes: 0, stream, pool: pool.name, blocks: [] };
      if (pageBytes !== null) range.isExpandable = true;
      ranges.push(range);
    }
    range.bytes += bytes;
    range.blocks.push({ address, bytes, requestedBytes, state });
  }
  return ranges;
}

/** In order of address: a copy. */
export const segmentInfos = (segments: Iterable<Segment>): SegmentInfo[] =>
  [...segments].flatMap(rangesOf).sort((a, b) => a.address - b.address);

/** The blocks that are allocated or awaited, in order of address. */
export const activeBlocksOf = (segments: Iterable<Segment>): Block[] =>
  [...segments]
    .flatMap(({ head }) => [...blocksFrom(head)])
    .filter(({ state }) => state === 'allocated' || state === 'awaited')
    .sort((a, b) => a.address - b.address);
