/** Tables of what a model will need, before anything ran: DeepSpeed's for ZeRO, `accelerate estimate-memory`'s. */
import type { Answer } from './answer.ts';

/** `   63.74GB |   0.79GB | offload_param=none, offload_optimizer=cpu , zero_init=1` */
const ZERO =
  /^\s{0,12}(\d{1,9}\.\d{2})GB \| {1,10}(\d{1,9}\.\d{2})GB \| (\{?'?offload_[\w=,.' :{}]{5,160}?)\s*$/;
const HARDWARE = /Setup with (\d{1,6}) nodes?, (\d{1,4}) GPUs? per node/;
const MODEL = /SW: Model with (\d{1,9})M total params/;
/** `│float32│   392.0 MB  │ 1.58 GB  │      6.32 GB      │` */
const ACCELERATE =
  /^[│|] {0,8}(float32|float16|bfloat16|float16\/bfloat16|int8|int4) {0,12}[│|] {0,12}([\d.]{1,10} ?[KMGT]?B) {0,12}[│|] {0,12}([\d.]{1,10} ?[KMGT]?B) {0,20}[│|] {0,20}([\d.]{1,10} ?[KMGT]?B|N\/A) {0,20}[│|]/;
const ACCELERATE_HEAD = /Memory Usage for (?:loading|training)? ?`?([\w./-]{1,120})/;

/** Later versions print `OffloadDeviceEnum.cpu`, and `{'offload_param': {'device': 'cpu'}}`. */
const optionsOf = (printed: string): string =>
  printed
    .replaceAll('OffloadDeviceEnum.', '')
    .replaceAll(/'(offload_\w{1,20})': \{'device': '(\w{1,10})'\}/g, '$1=$2')
    .replaceAll(/[{}]/g, '')
    .trim();

/** null where the text has no such table. */
export const readEstimate = (text: string): Answer | null => ofZero(text) ?? ofAccelerate(text);

const base = { whose: 'GPU' as const, state: null, confidence: 'likely' as const };

function ofZero(text: string): Answer | null {
  const rows = text.split('\n').flatMap(line => {
    const row = ZERO.exec(line);
    return row === null ? [] : [{ host: Number(row[1]), gpu: Number(row[2]), options: optionsOf(row[3]!) }];
  });
  if (rows.length === 0) return null;
  const byGpu = [...rows].sort((a, b) => a.gpu - b.gpu || a.host - b.host);
  const least = byGpu[0]!;
  // Of those that need the GPU most, the one that needs the host least.
  const most = byGpu.find(({ gpu }) => gpu === byGpu.at(-1)!.gpu)!;
  const [, nodes, gpus] = HARDWARE.exec(text) ?? [];
  const model = MODEL.exec(text)?.[1];
  const leastHost = rows.reduce((a, b) => (b.host < a.host ? b : a));
  const mostHost = Math.max(...rows.map(({ host }) => host));
  const need =
    least.gpu === most.gpu
      ? `${least.gpu.toFixed(2)} GB of each GPU${rows.length > 1 ? ' in each of these rows' : ` (${least.options})`}, and ${leastHost.host.toFixed(2)} GB${mostHost > leastHost.host ? ` (${leastHost.options}) to ${mostHost.toFixed(2)} GB` : ''} of the host’s memory`
      : `${most.gpu.toFixed(2)} GB of each GPU ${most.options.includes('=cpu') ? 'with the least' : 'without'} offloading (${most.options}), and ${least.gpu.toFixed(2)} GB with the most of it (${least.options}), which needs ${least.host.toFixed(2)} GB of the host’s memory`;
  return {
    ...base,
    what: 'an estimate of DeepSpeed’s for ZeRO, made before anything ran',
    says: `Parameters, gradients and optimizer states${model === undefined ? '' : ` of ${model} million parameters`}${nodes === undefined ? '' : ` on ${nodes} × ${gpus} GPUs`} need ${need}. Activations, buffers and the CUDA context come on top: they are in none of these figures.`,
    evidence: rows.map(
      ({ host, gpu, options }) =>
        `${options}: ${gpu.toFixed(2)} GB of each GPU, ${host.toFixed(2)} GB of each host.`,
    ),
    next: [
      'Take the row whose share of the GPU leaves room for activations, and whose share of the host is there: a host that is too small is killed, not refused.',
      'Measure it: a few steps under esper run, or esper watch on their log.',
    ],
  };
}

function ofAccelerate(text: string): Answer | null {
  const rows = text.split('\n').flatMap(line => {
    const row = ACCELERATE.exec(line.trim());
    return row === null
      ? []
      : [row.slice(1) as [type: string, layer: string, total: string, training: string]];
  });
  if (rows.length === 0) return null;
  const name = ACCELERATE_HEAD.exec(text)?.[1];
  const trained = rows.filter(([, , , training]) => training !== 'N/A');
  return {
    ...base,
    what: 'an estimate of accelerate’s, made before anything ran',
    says: `${name === undefined ? 'The model' : name}: ${rows.map(([type, , total]) => `${total} of weights as ${type}`).join(', ')}.${
      trained.length === 0
        ? ''
        : ` Training it with Adam needs ${trained.map(([type, , , training]) => `${training} (${type})`).join(', ')} for weights, gradients and optimizer states.`
    } Activations, caches and the CUDA context come on top: they are in none of these figures.`,
    evidence: rows.map(
      ([type, layer]) => `${type}: the largest layer has ${layer}, which has to fit on one device.`,
    ),
    next: [
      'Leave room for activations, which grow with batch and sequence length: measure a few steps under esper run, or esper watch on their log.',
    ],
  };
}
