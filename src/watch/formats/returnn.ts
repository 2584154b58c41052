/**
 * RETURNN: `ep 1 train, step 10, ctc 4.12, ce 9.87, num_seqs 10, mem_usage:cuda 10.1GB, 0.512 sec/step, elapsed …`; with TensorFlow `pretrain epoch 1, step 14, cost:ctc 301.2,
 * loss 120321.5, mem_usage:GPU:0 6.2GB, …`. Its memory is the peak of what the allocator has handed out. Of a log that is less verbose epochs are the
 * steps: `Epoch 3: Total train loss: ctc 4.12 ce 9.87`, and `Memory usage (cuda): alloc cur 2.1GB … reserved cur 2.5GB …`.
 */
import { peak } from '../known-keys.ts';
import { bytesOf, printedFigure } from '../printed.ts';
import { reportFormat } from '../report-format.ts';

const LINE =
  /^(?:.{0,120}[\s\]])?(?:(?:pretrain |train )?epoch (\d{1,9})|(?:pretrain )?ep (\d{1,9}) train), (?:step|batch) (\d{1,12}), (.{1,1000})$/;
const STEP_TIME = /^([\d.]{1,16}) sec\/step$/;
/** What its lines have beside a count and losses, as any loop may print them; some versions have the memory alone. */
const OWN =
  /, exp\. remaining |, num_seqs \d|, mem_usage:\S{1,20} [\d.]{1,12} ?[KMGT]B, [\d.]{1,16} sec\/step/;
/** Of several losses each has its name. */
const EPOCH = /^Epoch (\d{1,9}): Total train loss: (.{1,1000})$/;
const NAMED = /([A-Za-z][\w:/.-]{0,80}) ([-+\d.e]{1,24}|nan|-?inf)(?= |$)/g;
const ALONE = /^(?:[-+\d.e]{1,24}|nan|-?inf)$/;
const MEMORY =
  /^Memory usage \((\w{1,12}(?::\d{1,4})?)\): alloc cur ([\d.]{1,12}[KMGT]?B) alloc peak [\d.]{1,12}[KMGT]?B reserved cur ([\d.]{1,12}[KMGT]?B) reserved peak /;
const PAIR = /^([A-Za-z][\w:/.-]{0,80}) ([-+\d.e]{1,40}|nan|inf|[\d.]{1,16} ?[KMG]B)$/;

export const returnn = reportFormat({
  name: 'returnn',
  about: 'RETURNN: losses of a step',
  marks: [', step ', ', batch ', ': total train loss: ', 'memory usage ('],
  names: {
    'sec/step': { step: 'stepMs', power: 3 },
    mem_usage: peak('peakAllocatedBytes', 'GiB'),
  },
  kind: 'step',
  head({ text }) {
    const epoch = EPOCH.exec(text.trimEnd());
    if (epoch !== null) {
      const losses = epoch[2]!;
      const named = [...losses.matchAll(NAMED)].map(([, key, value]) => ({ key: key!, value: value! }));
      const pairs = ALONE.test(losses) ? [{ key: 'loss', value: losses }] : named;
      return pairs.length === 0 ? null : { number: Number(epoch[1]), pairs, isEpoch: true };
    }
    const line = LINE.exec(text);
    if (line === null || !OWN.test(line[4]!)) return null;
    const pairs = line[4]!.split(', ').flatMap(part => {
      const time = STEP_TIME.exec(part);
      if (time !== null) return [{ key: 'sec/step', value: time[1]! }];
      const [, key, value] = PAIR.exec(part) ?? [];
      return key === undefined
        ? []
        : [{ key: key.replace(/^mem_usage:.{1,40}$/, 'mem_usage'), value: value! }];
    });
    // Several processes print without a rank; each names its device.
    const device = /, mem_usage:(cuda:\d{1,4}) /.exec(line[4]!)?.[1];
    const number = Number(line[3]);
    return { number, epoch: Number(line[1] ?? line[2]), pairs, ...(device !== undefined && { device }) };
  },
  other({ text }, out) {
    const memory = MEMORY.exec(text);
    if (memory === null) return false;
    const [allocated, reserved] = [memory[2]!, memory[3]!].map(amount =>
      bytesOf(printedFigure(amount)!, 'GiB'),
    );
    if (allocated == null || reserved == null) return false;
    const resolutionBytes = Math.max(allocated.resolutionBytes ?? 1, reserved.resolutionBytes ?? 1);
    const device = memory[1]!;
    out.memory({
      phase: 'report',
      memory: [{ device, allocatedBytes: allocated.bytes, reservedBytes: reserved.bytes, resolutionBytes }],
    });
    return true;
  },
});
