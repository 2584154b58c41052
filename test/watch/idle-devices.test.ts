/** A device that is full beside others that nobody uses: the report and the answer to a text both have what to do. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { reportOfLog } from './report-of-log.ts';

const RULE = `+${'-'.repeat(89)}+`;
const device = (index: number, used: number) =>
  `|   ${index}  NVIDIA A100-SXM4-40GB          On  |   00000000:0${index}:00.0 Off |                    0 |\n` +
  `| N/A   31C    P0              52W / 400W | ${String(used).padStart(8)}MiB /  40960MiB |      0%      Default |\n` +
  `|                                         |                        |             Disabled |\n${RULE}\n`;
const table = (...used: number[]) =>
  `${RULE}\n| NVIDIA-SMI 550.54.15              Driver Version: 550.54.15      CUDA Version: 12.4     |\n` +
  '|-----------------------------------------+------------------------+----------------------+\n' +
  '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n' +
  '| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n' +
  '|=========================================+========================+======================|\n' +
  used.map((mib, index) => device(index, mib)).join('');
const trained = 'Epoch 1/3\n100/100 - 5s - loss: 2.4 - 50ms/step\nEpoch 2/3\n';
const refused =
  'tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[900,900,900] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc\n';

test.each([
  ['beside idle ones', trained + refused + table(39800, 423, 423), true],
  ['beside one that is in use', trained + refused + table(39800, 30100, 423), false],
  ['alone', trained + refused + table(39800), false],
  ['and the error is none of memory', `${trained}ValueError: shapes\n${table(39800, 423)}`, false],
])('a full device %s', (_, text, isAdvised) => {
  const { explanation } = reportOfLog(text).report;
  const answer = explainText(text, 'pasted', 2e12)!;
  for (const { next } of [explanation!, answer])
    expect(next.filter(step => step.startsWith('The other devices are nearly unused'))).toHaveLength(
      isAdvised ? 1 : 0,
    );
  expect(answer.evidence.filter(says => says.startsWith('Device 0')).length).toBeLessThan(3);
  expect(answer.evidence.filter(says => says.startsWith('Device 1')).length).toBeLessThan(2);
});
