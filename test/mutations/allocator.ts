/** Rules of PyTorch's allocator: a simulated one that breaks one of them decides otherwise than PyTorch's own did. */
import type { Mutation } from './mutation.ts';

const room = 'src/workloads/allocator';
const recorded: Mutation['test'] = [
  'test/allocator/differential.test.ts',
  'repeats PyTorch’s recorded decisions',
];
const broken = (rule: string, file: string, from: string, to: string): Mutation => ({
  rule,
  file: `${room}/${file}`,
  from,
  to,
  test: recorded,
});

export const allocator: readonly Mutation[] = [
  broken(
    'of equal blocks that of the oldest segment is taken',
    'free-blocks.ts',
    '? a.segment.order < b.segment.order',
    '? a.segment.order > b.segment.order',
  ),
  broken(
    'of equal blocks of a segment that of the lowest address is taken',
    'free-blocks.ts',
    ': a.address < b.address;',
    ': a.address > b.address;',
  ),
  broken(
    'best fit, not worst fit',
    'free-blocks.ts',
    'let index = lowerBound(blocks, block => block.bytes < bytes);',
    'let index = Math.max(lowerBound(blocks, block => block.bytes < bytes), blocks.length - 1);',
  ),
  broken(
    'best fit, not first fit',
    'free-blocks.ts',
    'let index = lowerBound(blocks, block => block.bytes < bytes);',
    'let index = blocks.indexOf(blocks.filter(one => one.bytes >= bytes).sort((a, b) => a.address - b.address)[0]!);',
  ),
  broken(
    'a stream has a cache of its own',
    'free-blocks.ts',
    'const known = this.#streams.get(stream);',
    'const known = [...this.#streams.values()][0];',
  ),
  broken(
    'a large block is cut where more than 1 MiB is left',
    'sizes.ts',
    'remaining > SMALL_LIMIT',
    'remaining > 2 * SMALL_LIMIT',
  ),
  broken(
    'blocks are multiples of 512 bytes',
    'sizes.ts',
    'export const BLOCK_GRANULE = 512;',
    'export const BLOCK_GRANULE = 256;',
  ),
  broken(
    'blocks up to 1 MiB are of the small pool',
    'sizes.ts',
    'export const SMALL_LIMIT = MIB;',
    'export const SMALL_LIMIT = MIB / 2;',
  ),
  broken(
    'from 10 MiB on a block has a segment of its own',
    'sizes.ts',
    'export const OWN_SEGMENT_FROM = 10 * MIB;',
    'export const OWN_SEGMENT_FROM = 12 * MIB;',
  ),
  broken(
    'segments are multiples of 2 MiB',
    'sizes.ts',
    'export const SEGMENT_GRANULE = 2 * MIB;',
    'export const SEGMENT_GRANULE = MIB;',
  ),
  broken(
    'sizes round up to the next of the divisions',
    'sizes.ts',
    'return roundUp(bytes, 2 ** power / steps);',
    'return roundUp(bytes, 2 ** power / steps / 2);',
  ),
  broken(
    'a freed block merges with the one before',
    'allocator.ts',
    'for (const neighbour of [block.next, block.previous]) {',
    'for (const neighbour of [block.next]) {',
  ),
  broken(
    'a freed block merges with the one behind',
    'allocator.ts',
    'for (const neighbour of [block.next, block.previous]) {',
    'for (const neighbour of [block.previous]) {',
  ),
  broken(
    'the whole cache goes back, of both pools',
    'pools.ts',
    'release([this.large_pool, this.small_pool]);',
    'release([this.large_pool]);',
  ),
  broken(
    'a refusal gives the cache back before the retry',
    'allocator.ts',
    '    this.emptyCache();\n    this.#stats.num_alloc_retries++;',
    '    this.#stats.num_alloc_retries++;',
  ),
  broken(
    'a block that other streams use is awaited',
    'allocator.ts',
    'if (block.streams === null) {',
    'if (block.streams !== undefined) {',
  ),
  broken(
    'an oversize block serves no small request',
    'allocator.ts',
    'size < maxSplitSize ? maxSplitSize : size + maxNonSplitRounding',
    'size < maxSplitSize ? Number.POSITIVE_INFINITY : size + maxNonSplitRounding',
  ),
  broken(
    'an oversize block serves a request that it is not much larger than',
    'allocator.ts',
    'maxSplitSize : size + maxNonSplitRounding',
    'maxSplitSize : Number.POSITIVE_INFINITY',
  ),
  broken(
    'oversize blocks go back before the whole cache does',
    'cache-release.ts',
    'if (maxSplitSize === Number.POSITIVE_INFINITY) return false;',
    'if (maxSplitSize > 0) return false;',
  ),
  broken(
    'garbage collection takes the segments of at least average age',
    'cache-release.ts',
    'age(block) >= mean',
    'age(block) > mean',
  ),
  broken(
    'garbage collection begins above its threshold',
    'cache-release.ts',
    'const wanted = reserved.bytes - threshold;',
    'const wanted = reserved.bytes - 2 * threshold;',
  ),
  broken(
    'a process limit may be filled to its last byte',
    'reserved.ts',
    'this.bytes + bytes > allowed',
    'this.bytes + bytes >= allowed',
  ),
  broken(
    'an expandable segment grows from the free block before its unmapped part',
    'reserved.ts',
    'isOpen(unmapped.previous) ? unmapped.previous! : unmapped',
    'unmapped',
  ),
  broken(
    'the whole pages of a free block go back, also of a segment in use',
    'reserved.ts',
    'if (from >= to) return;',
    'if (from >= to || bytes !== segment.bytes) return;',
  ),
  broken(
    'an expandable block counts with what it can grow to',
    'allocator.ts',
    'expandableSegments ? room : null',
    'null',
  ),
  broken(
    'pages of the large pool are of 20 MiB',
    'sizes.ts',
    "pool === 'small_pool' ? SMALL_SEGMENT : SHARED_SEGMENT",
    'SMALL_SEGMENT',
  ),
  broken(
    'expandable blocks are cut wherever 512 bytes are left',
    'sizes.ts',
    "pool === 'small_pool' || expandableSegments",
    "pool === 'small_pool'",
  ),
  broken(
    'a private pool keeps its cache to itself',
    'pools.ts',
    'const route = this.#routes.at(-1);',
    'const route = this.#routes.at(9);',
  ),
  broken(
    'a private pool that nothing needs gives its cache back',
    'pools.ts',
    'if (pool.uses > 0 ||',
    'if (pool.uses >= 0 ||',
  ),
  broken(
    'the driver fills arenas of multiples of 32 MiB',
    'addresses.ts',
    'const ARENA = 32 * MIB;',
    'const ARENA = 64 * MIB;',
  ),
];
