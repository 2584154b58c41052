/** Faults of a GPU in the words of its driver. */
import { type EndingReader, type MaybeEnding, named, numberOf } from './ending-reader.ts';

export const faultReaders: readonly EndingReader[] = [deviceFault];

/** The GPU's own processor (GSP) does not answer, in the words that stand before the Xid, or without one. */
const GSP =
  /NVRM: .{0,80}(?:_kgspLogRpcTimeout|_kgspIsHeartbeatTimedOut: Heartbeat timed out|Timeout (?:after \d{1,4}s )?(?:of )?waiting for RPC)/;

/** `NVRM: Xid (PCI:0000:3b:00): 79, pid=…`, and a device that is no longer there. */
function deviceFault(line: string): MaybeEnding {
  const ofSwitch = /\bnvswitch\d{0,3}: SXid \([^()]{1,40}\): (\d{1,6})\b/.exec(line)?.[1];
  if (ofSwitch !== undefined) return { kind: 'device fault', by: 'nvswitch', xid: Number(ofSwitch) };
  const number =
    /NVRM: Xid .{1,120}caused by previous Xid (\d{1,3})/.exec(line)?.[1] ??
    /NVRM: Xid \([^()]{1,40}\): (\d{1,3})/.exec(line)?.[1];
  if (number === undefined)
    return GSP.test(line)
      ? { kind: 'device fault', by: 'nvidia driver', xid: 119 }
      : /GPU is lost|fallen off the bus/.test(line) && !line.includes('Allocate failed due to')
        ? { kind: 'device fault', by: 'nvidia driver', xid: 79 }
        : null;
  return {
    kind: 'device fault',
    by: 'nvidia driver',
    xid: Number(number),
    ...named({ pid: numberOf(/\bpid=(\d{1,10})/.exec(line)?.[1]) }),
  };
}

/** A fault of a GPU by the driver’s number: where work of it was only cleaned up, by the number of what came before. */
export interface Xid {
  gpu: string;
  xid: number;
}

const XID = /NVRM: Xid \(PCI:([\da-fA-F:.]{4,20})\): (\d{1,3})\b/;
const CAUSE = /caused by previous Xid (\d{1,3})/;

/** Those that lines of the driver report, each once. */
export function xidsIn(lines: string): Xid[] {
  const found = new Map<string, Xid>();
  for (const line of lines.split(/\n|; (?=[^;]{0,200}NVRM: Xid )/)) {
    const [, gpu, own] = XID.exec(line) ?? [];
    if (gpu === undefined) continue;
    const xid = Number(CAUSE.exec(line)?.[1] ?? own);
    found.set(`${gpu} ${xid}`, { gpu, xid });
  }
  return [...found.values()];
}
