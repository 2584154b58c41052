/** The three ways in which cached memory goes back to the device: by age, oversize blocks first, and all of it. */

import { type Block, type BlockPool, isSplit } from './block.ts';
import type { Reserved } from './reserved.ts';

const isWhole = (block: Block) => !isSplit(block) && block.segment.pageBytes === null;

/** Gives back every segment that is one free block, and the whole pages of free blocks in expandable segments. */
export function releaseCache(reserved: Reserved, pools: readonly BlockPool[]): void {
  for (const pool of pools) {
    const pages = pool.free.all().filter(({ segment }) => segment.pageBytes !== null);
    for (const block of pool.free.take(isWhole)) reserved.giveBack(block);
    for (const block of pages) reserved.shrink(block);
  }
}

/**
 * Gives back one cached oversize block that is large enough, or else the largest ones until they sum up.
 * @returns false where they do not, or there is no limit to splitting
 */
export function releaseOversize(reserved: Reserved, pool: BlockPool, size: number, stream: number): boolean {
  const { maxSplitSize } = reserved.settings;
  if (maxSplitSize === Number.POSITIVE_INFINITY) return false;
  const wanted = Math.max(size, maxSplitSize);
  const enough = pool.free.takeBestFit(stream, wanted, Number.POSITIVE_INFINITY);
  if (enough) {
    reserved.giveBack(enough);
    return true;
  }
  for (let given = 0; given < wanted; ) {
    const block = pool.free.takeLargest(stream, maxSplitSize);
    if (block === null) return false;
    given += block.bytes;
    reserved.giveBack(block);
  }
  return true;
}

/**
 * Garbage collection: where more is reserved than the threshold allows, cached segments of the large pool go back, those of at
 * least average age first, until it is as much as is over the threshold.
 */
export function collectGarbage(reserved: Reserved, large: BlockPool): void {
  const threshold = Math.floor(reserved.settings.garbageCollectionThreshold * reserved.allowedBytes!);
  const wanted = reserved.bytes - threshold;
  if (wanted <= 0) return;
  const age = (block: Block) => large.searches - block.idleSince;
  let idle = large.free.all().filter(isWhole);
  for (let given = 0; given < wanted && idle.length > 0; ) {
    const mean = idle.reduce((sum, block) => sum + age(block), 0) / idle.length;
    const old = new Set(idle.filter(block => age(block) >= mean));
    if (old.size === 0) return;
    idle = idle.filter(block => !old.has(block));
    for (const block of large.free.take(one => old.has(one))) {
      given += block.bytes;
      reserved.giveBack(block);
    }
  }
}
