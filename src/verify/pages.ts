/** All pages of the records, by file name: one a record, and the index. */
import type { TelemetryRecord } from '../records/index.ts';
import type { Verification } from './checklist.ts';
import { indexPage, page, pageOf } from './docs.ts';
import type { SourceTree } from './symbols.ts';

/** Where the pages lie, from the root of the repository. */
export const PAGES_FOLDER = 'docs/telemetry';

/** `verifications` are of all records, in their order. */
export function pages(
  records: readonly TelemetryRecord[],
  verifications: readonly Verification[],
  tree: SourceTree | null,
): Map<string, string> {
  return new Map([
    ['index.md', indexPage(records, verifications)],
    ...records.map((record, i) => [pageOf(record), page(record, verifications[i]!, tree)] as const),
  ]);
}
