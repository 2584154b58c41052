/**
 * Cosmos: `…iter_speed.py:86:every_n_impl] 900 : iter_speed 33.53 seconds per iteration | Loss: 0.0432`, then `DeviceMonitor Stats:` and a table,
 * `peak_gpu_mem_gb   38.4   38.5   38.3`: mean, most and least of all ranks, of which the most is taken.
 */
import { peak } from '../known-keys.ts';
import { reportFormat } from '../report-format.ts';

const HEAD =
  /\] (\d{1,12}) : iter_speed (\d{1,6}(?:\.\d{1,6})?) seconds per iteration \| Loss: (-?\d{1,9}(?:\.\d{1,9})?|nan)/;
const ROW =
  /^(peak_gpu_mem_gb|peak_gpu_mem_reserved_gb|cpu_mem_gb) {1,30}\d{1,9}\.\d{1,9} {1,20}(\d{1,9}\.\d{1,9}) {1,20}\d{1,9}\.\d{1,9}$/;

export const cosmos = reportFormat({
  name: 'cosmos',
  about: 'Cosmos: iterations and its device monitor',
  marks: [' : iter_speed ', 'peak_gpu_mem', 'devicemonitor stats'],
  names: {
    iter_speed: { step: 'stepMs', power: 3 },
    peak_gpu_mem_gb: peak('peakAllocatedBytes', 'GiB'),
    peak_gpu_mem_reserved_gb: peak('peakReservedBytes', 'GiB'),
  },
  kind: 'step',
  head({ text }) {
    const head = HEAD.exec(text);
    if (head === null) return null;
    const [, number, time, loss] = head;
    const pairs = [
      { key: 'iter_speed', value: time! },
      { key: 'loss', value: loss! },
    ];
    return { number: Number(number), pairs };
  },
  row({ text }) {
    if (text.includes('DeviceMonitor Stats:')) return [];
    const row = ROW.exec(text.trimEnd());
    return row === null ? null : [{ key: row[1]!, value: row[2]! }];
  },
});
