/**
 * The cluster that a collected run came from. A collector of one cluster writes its runs as the nodes have them, without a folder of the
 * cluster's name: which one it was is kept beside the run folders, in the collector's own folder, so that those stay the same to the byte.
 */
import { dirname, join } from 'node:path';
import { makeFolder, readRegular, writeWhole } from '../disk/index.ts';

/** The collector's own folder in that of all runs. */
export const COLLECTOR_FOLDER = '.esper-collect';

/** Longest name that is taken for one. */
const MOST_BYTES = 256;

const placeOf = (runs: string, run: string): string => join(runs, COLLECTOR_FOLDER, 'cluster-of', run);

/** Records where a run comes from. Throws as node:fs does. @param run path of its folder below that of all runs */
export function noteCluster(runs: string, run: string, cluster: string): void {
  if (clusterNoted(runs, run) === cluster) return;
  const place = placeOf(runs, run);
  makeFolder(dirname(place));
  writeWhole(place, `${cluster}\n`);
}

/** The recorded cluster of a run; null where none is. Never throws. */
export function clusterNoted(runs: string, run: string): string | null {
  try {
    return readRegular(placeOf(runs, run), MOST_BYTES).trim() || null;
  } catch {
    return null;
  }
}
