/** Lines of the table that `npu-smi info` prints: of each device its name, then its chip’s memory; then the processes. */

/** `| 0     910B3               | OK            | 98.4        50                0    / 0             |` */
const DEVICE =
  /^\|\s{1,4}\d{1,3}\s{1,8}([A-Za-z\d][\w.-]{2,24})\s{0,30}\|\s{0,4}(?:OK|Warning|Alarm|Critical|UNKNOWN|NA)\b/i;
/** `| 0     1                   | 0000:9F:00.0  | 0           0    / 0          57831/ 65536         |`: chip, its number, bus, memory. */
const CHIP =
  /^\|\s{1,4}\d{1,3}(?:\s{1,8}(\d{1,3}))?\s{0,30}\|\s{1,4}[\da-f]{4}:[\da-fx]{2}:[\da-fx]{2}\.\d\s{0,6}\|(.{5,120})\|/i;
const PAIR = /(\d{1,7})\s{0,4}\/\s{0,6}(\d{1,7})/g;
/** `| 0       0                 | 41234         | python3                  | 61234                 |` */
const PROCESS =
  /^\|\s{1,4}(\d{1,3})\s{1,10}(\d{1,3})\s{0,30}\|\s{1,6}(\d{1,10})\s{0,14}\|\s{1,4}([^|\s][^|]{0,60}?)\s{0,40}\|\s{1,6}(\d{1,8})\s{0,40}\|/;

export type NpuTableLine =
  | { kind: 'device'; name: string }
  | { kind: 'memory'; index: number | null; usedMib: number; totalMib: number }
  | { kind: 'process'; says: string };

/** null for any other line. */
export function npuTableLine(line: string): NpuTableLine | null {
  if (!line.startsWith('|')) return null;
  const chip = CHIP.exec(line);
  if (chip !== null) {
    // Of older chips it is DDR; of those with HBM the last pair.
    const pair = [...chip[2]!.matchAll(PAIR)].findLast(([, , total]) => Number(total) > 0);
    return pair === undefined
      ? null
      : {
          kind: 'memory',
          index: chip[1] === undefined ? null : Number(chip[1]),
          usedMib: Number(pair[1]),
          totalMib: Number(pair[2]),
        };
  }
  const [, npu, number, pid, name, held] = PROCESS.exec(line) ?? [];
  if (npu !== undefined)
    return { kind: 'process', says: `NPU ${npu}, chip ${number}: process ${pid} (${name}) ${held} MiB` };
  const device = DEVICE.exec(line);
  return device === null ? null : { kind: 'device', name: device[1]! };
}
