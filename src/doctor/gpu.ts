/** The driver's view: which GPUs there are, how full they are, and what it does not report. */
import { amount } from '../base/index.ts';
import { rowFields } from '../emit/index.ts';
import { judge, limits } from '../figures/index.ts';
import { type DoctorFinding, note, ok, risk } from './finding.ts';
import { runProgram } from './run-program.ts';

const TIMEOUT_MS = 15_000;
/** The name last: it may hold commas. */
const FIELDS = 'index,driver_version,memory.total,memory.used,mig.mode.current,name';

export async function gpuFindings(env: NodeJS.ProcessEnv): Promise<DoctorFinding[]> {
  const { output, problem } = await runProgram(
    'nvidia-smi',
    [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'],
    TIMEOUT_MS,
    env,
  );
  if (output === null)
    return [
      note(
        'gpu.none',
        'There is no nvidia-smi: what a device has in all, who else uses it, its load and temperature are not measured.',
        'On a machine with an NVIDIA GPU, install the driver; in a container, start it with --gpus all.',
      ),
    ];
  if (problem !== null)
    return [
      risk(
        'gpu.driver',
        `nvidia-smi does not work: ${problem}.`,
        'Run nvidia-smi yourself: until it answers, devices are not measured, and training may not start.',
      ),
    ];
  const gpus = output
    .split('\n')
    .map(line => rowFields(line, FIELDS))
    .filter(([index]) => /^\d+$/.test(index ?? ''));
  if (gpus.length === 0)
    return [risk('gpu.driver', 'nvidia-smi lists no GPU.', 'Check CUDA_VISIBLE_DEVICES and the driver.')];
  return [...gpus.flatMap(gpuFinding), ...(await processFindings(env)), ...orderFindings(env, gpus.length)];
}

function gpuFinding([index, driver, total, used, mig, name]: string[]): DoctorFinding[] {
  const [totalBytes, usedBytes] = [Number(total) * 1024 ** 2, Number(used) * 1024 ** 2];
  const findings: DoctorFinding[] = [];
  const percent = totalBytes > 0 ? (usedBytes / totalBytes) * 100 : null;
  if (judge(limits.deviceUsedPercent, percent) === 'critical')
    findings.push(
      risk(
        'gpu.full',
        `GPU ${index} (${name}) has ${amount(usedBytes)} of ${amount(totalBytes)} in use already.`,
        'See who has it with nvidia-smi, and end it or take another device.',
      ),
    );
  else
    findings.push(
      ok(
        'gpu.device',
        `GPU ${index}: ${name}, ${amount(totalBytes)}${Number.isFinite(usedBytes) ? `, ${amount(usedBytes)} in use` : ''}, driver ${driver}.`,
      ),
    );
  if (mig === 'Enabled')
    findings.push(
      note(
        'gpu.mig',
        `GPU ${index} is split (MIG): the driver reports the load of the whole device, not of your part.`,
        'Use PyTorch’s figures of its own part: Esper takes totals from there first.',
      ),
    );
  return findings;
}

/** In a container, or for another user's processes, the driver may keep to itself who uses what. */
async function processFindings(env: NodeJS.ProcessEnv): Promise<DoctorFinding[]> {
  const { output, problem } = await runProgram(
    'nvidia-smi',
    ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'],
    TIMEOUT_MS,
    env,
  );
  if (problem === null && !/\[?N\/A\]?|Insufficient/.test(output ?? '')) return [];
  return [
    note(
      'gpu.processes',
      'The driver does not report the memory of single processes: your process outside PyTorch and your neighbours stay one sum.',
      'Outside of a container, or with --pid=host, it does.',
    ),
  ];
}

function orderFindings(env: NodeJS.ProcessEnv, count: number): DoctorFinding[] {
  if (count < 2 || env.CUDA_DEVICE_ORDER === 'PCI_BUS_ID') return [];
  return [
    note(
      'gpu.order',
      'cuda:0 need not be the driver’s GPU 0: CUDA counts the fastest first. Esper matches them by UUID.',
      'CUDA_DEVICE_ORDER=PCI_BUS_ID gives both one order.',
    ),
  ];
}
