/** How a run failed: its error, what torch advises, and the figures of an out-of-memory message. */
import { amount } from '../base/index.ts';
import { isWarning, type RunReport } from '../contract/index.ts';
import { besideFindings, countedNumber, countedOf } from '../present/index.ts';
import { torchAdvice } from './aftermath.ts';
import { findingBlock } from './conclusions.ts';
import type { DocumentBlock, ReportTone } from './document.ts';

/** @param several the run has more than one rank; of one alone, rank 0 needs no name. Nothing where it did not fail */
export function failureBlocks(report: RunReport, several: boolean): DocumentBlock[] {
  const { failure, run } = report;
  if (failure === null) return [];
  const advice = torchAdvice(report);
  const { errorType, message, rank, batch, outOfMemory, ending } = failure;
  const counted = countedOf(run);
  const when =
    batch !== null
      ? ` after ${countedNumber(counted, batch)}`
      : run.lastBatch === null
        ? ` before any ${counted} was reported`
        : `, of which no ${counted} was reported,`;
  const where = `${several || rank > 0 ? ` on rank ${rank}` : ''}${when}`;
  const blocks: DocumentBlock[] = [
    isWarning(failure)
      ? { type: 'text', text: 'The text has a warning, and no end of a training:', tone: 'warning' }
      : { type: 'text', text: `The run failed${where} with ${errorType}:`, tone: 'critical' },
    { type: 'quote', text: message },
  ];
  if (ending?.evidence) blocks.push({ type: 'quote', text: ending.evidence });
  if (advice !== null)
    blocks.push({
      type: 'text',
      text: `Torch advises: “${advice.quote}” ${advice.remark}`,
      tone: 'warning',
    });
  const shown = besideFindings(report);
  if (shown != null) blocks.push(findingBlock(shown, countedOf(run)));
  // Its figures are among what was seen in the text.
  if (!outOfMemory || shown != null) return blocks;
  const parts: [string, number | null | undefined][] = [
    ['Requested', outOfMemory.triedBytes],
    ['Free on the device', outOfMemory.freeBytes],
    ['Capacity of the device', outOfMemory.totalBytes],
    ['In use by this process', outOfMemory.processBytes],
    ['Allocated by PyTorch', outOfMemory.allocatedBytes],
    ['of that in private pools', outOfMemory.privatePoolBytes],
    ['Reserved, unallocated', outOfMemory.reservedUnallocatedBytes],
    ...optional('Active', outOfMemory.activeBytes),
    ...optional('Cached', outOfMemory.cachedBytes),
    ...optional('Allowed to this process', outOfMemory.allowedBytes),
    ...(outOfMemory.otherProcesses ?? []).map(({ pid, bytes }): [string, number] => [
      `In use by process ${pid}`,
      bytes,
    ]),
  ];
  const rows = parts.map(([what, bytes]) => ({
    cells: [what, amount(bytes ?? null)],
    tone: (bytes == null ? 'dim' : 'plain') as ReportTone,
  }));
  return [
    ...blocks,
    { type: 'table', caption: 'Figures of the out-of-memory message', head: ['', ''], rows },
  ];
}

/** A figure that few messages have: no row where this one does not. */
const optional = (what: string, bytes: number | null | undefined): [string, number][] =>
  bytes == null ? [] : [[what, bytes]];
