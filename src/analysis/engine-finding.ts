/**
 * Memory that an inference engine or a compiler found to be too small before it asked the device for it: vLLM, SGLang, XLA. Their
 * texts compare shares and lengths, which no field of an out-of-memory error has: they are read here.
 */
import { GIB } from '../base/index.ts';
import type { OutOfMemory } from '../contract/index.ts';
import type { Shown } from '../texts/index.ts';
import { toolOf } from './device-names.ts';
import { libraryAdvice, smallerXla } from './library-advice.ts';
import { type TextFinding, textFinding, torchAmount } from './text-finding.ts';

/** null where the text is of none of these. */
export function explainEngine(
  error: OutOfMemory,
  message: string,
  backend: string,
  shown: Shown,
): TextFinding | null {
  const { engineShare } = shown.settings;
  const tool = toolOf(backend);
  const text = message.replace(/\s+/g, ' ');
  switch (error.by) {
    case 'vllm':
      return (
        startup(error, text, tool) ??
        cache(text, tool, engineShare) ??
        cache(unwrapped(message), tool, engineShare) ??
        waking(text)
      );
    case 'torch_memory_saver':
      return resumed();
    case 'sglang':
      return textFinding({
        kind: 'full',
        mark: 'engine',
        says: `SGLang’s share of the device (--mem-fraction-static${shareOfSglang(text)}) does not hold the model’s weights and a pool for the KV cache.`,
        evidence: [`The text: ${text}`],
        next: [
          ...(engineShare !== null && engineShare >= ALL_OF_IT
            ? []
            : [
                `Raise --mem-fraction-static where nobody else needs the device; otherwise free what ${shown.program.is === 'training' ? 'the trainer holds' : 'others hold of it'} before the engine starts.`,
              ]),
          'Spread the model over more devices (--tp), quantise it, or lower --context-length.',
        ],
      });
    case 'text-generation-inference':
      return prefill(text);
    case 'jax':
      return compiled(text, shown);
    case 'cycles':
      return /out of GPU and shared host memory/i.test(text)
        ? textFinding({
            kind: 'full',
            says: 'Out of memory in Cycles, Blender’s renderer: the GPU is full, and so is the host’s memory that it falls back to. Errors of contexts (“Invalid context”) that follow come of it.',
            isWithoutFigures: true,
            next: [
              ...libraryAdvice(error, { is: 'unknown' }),
              `See with ${tool} and free -h what else holds either memory.`,
            ],
          })
        : null;
    case 'rmm':
      return /maximum pool size exceeded/i.test(text) ? pool(error) : null;
    case 'julia':
      return julia(error, text, backend);
    case 'ggml':
      return model(error, tool);
    default:
      return /Capture cuda graph failed/i.test(text) ? capture(error) : null;
  }
}

/** text-generation-inference tries the largest requests that it may get, before it serves any. */
function prefill(text: string): TextFinding {
  const tokens = /to handle (\d{1,9}) prefill tokens/i.exec(text)?.[1];
  return textFinding({
    kind: 'full',
    mark: 'engine',
    says: `text-generation-inference does not fit on the device: beside the model’s weights there is no room for ${tokens === undefined ? 'the largest requests that it may get' : `${tokens} tokens of prompts at once`}, which it tries before it serves any.`,
    isWithoutFigures: true,
    next: [
      'Lower --max-batch-prefill-tokens (and --max-input-tokens, --max-total-tokens), quantise the model (--quantize), or use more devices (--num-shard).',
      'See with nvidia-smi what else is in use on the device: an earlier server may still run.',
    ],
  });
}

/** `Current value: self.server_args.mem_fraction_static=0.2` */
const shareOfSglang = (text: string): string => {
  const share = /Current value: \S{0,40}mem_fraction_static=(0?\.\d{1,4})/.exec(text)?.[1];
  return share === undefined ? '' : `: ${share}`;
};

/** A terminal may have cut within a word. */
const unwrapped = (message: string) => message.replace(/[\r\n]+/g, '').replace(/\s+/g, ' ');

/** RAPIDS: its pool may not grow any more, whatever the device has. */
const pool = ({ triedBytes }: OutOfMemory): TextFinding =>
  textFinding({
    kind: 'process limit',
    says: `RAPIDS’ memory pool (RMM) reached its own largest size${triedBytes == null ? '' : ` as it was asked for ${torchAmount(triedBytes)}`}: that is a limit that was set, or the share of the device that was free when the pool was made. The device itself may have room.`,
    isWithoutFigures: triedBytes == null,
    next: [
      'Give the pool a larger maximum_pool_size (rmm.reinitialize, --rmm-pool-size), or make it after others have let go of the device; managed_memory=True lets it go beyond the device.',
      'Free what is not needed any more, or process the data in smaller pieces.',
      'See with nvidia-smi who else holds memory of the device.',
    ],
  });

/** Julia’s packages, by the vendor’s way to the device: how an array is let go, and how its collector is called. */
const JULIA: Readonly<Record<string, { name: string; free: string; collect: string }>> = {
  cuda: { name: 'CUDA.jl', free: 'CUDA.unsafe_free!', collect: 'GC.gc(); CUDA.reclaim()' },
  hip: { name: 'AMDGPU.jl', free: 'AMDGPU.unsafe_free!', collect: 'GC.gc(true)' },
  mps: { name: 'Metal.jl', free: 'Metal.unsafe_free!', collect: 'GC.gc(true)' },
  xpu: { name: 'oneAPI.jl', free: 'oneAPI.unsafe_free!', collect: 'GC.gc(true)' },
};

/** `Effective GPU memory usage: 91.54% (14.446 GiB/15.782 GiB)`: of the device, by whomever. */
function julia(
  { triedBytes, totalBytes, allocatedBytes, allowedBytes }: OutOfMemory,
  text: string,
  backend: string,
): TextFinding {
  const used = /Effective GPU memory usage: [\d.]{1,6}% \(([\d.]{1,10} [KMGT]?i?B)\//.exec(text)?.[1];
  const { name, free, collect } = JULIA[backend] ?? JULIA.cuda!;
  const isBounded = allowedBytes != null && allocatedBytes != null;
  return textFinding({
    kind: isBounded ? 'process limit' : 'full',
    says: `Out of GPU memory in Julia (${name}): ${torchAmount(triedBytes ?? null)} was refused${used === undefined ? '' : `, with ${used}${totalBytes == null ? '' : ` of ${torchAmount(totalBytes)}`} of the device in use`}.${isBounded ? ` Its allocator holds ${torchAmount(allocatedBytes)}, and may have no more than ${torchAmount(allowedBytes)}.` : ''}`,
    evidence: [
      !isBounded && allocatedBytes != null ? `Its own pool has ${torchAmount(allocatedBytes)} in use.` : null,
    ],
    next: [
      `Let go of arrays that are not needed (${free}), then ${collect}: Julia’s collector does not know how full the GPU is.`,
      ...(isBounded && backend === 'cuda'
        ? ['Raise its limit: JULIA_CUDA_HARD_MEMORY_LIMIT, JULIA_CUDA_MEMORY_LIMIT in older versions.']
        : []),
      `Use smaller batches or pieces; see with ${toolOf(backend)} who else holds memory of the device.`,
    ],
  });
}

/** llama.cpp, Ollama: a model, or what it computes in, that the device has no room for. */
const model = (error: OutOfMemory, tool: string): TextFinding =>
  textFinding({
    kind: 'full',
    mark: 'ggml buffer',
    confidence: 'likely',
    says: ggmlRefused(error, 'the model, or what it computes in, does not fit beside what is there'),
    next: [
      'Put fewer layers on the device (-ngl; num_gpu of Ollama), shorten the context (-c; num_ctx), or take a smaller quantisation; the KV cache can have 8 bits (--cache-type-k q8_0).',
      `See who else holds memory of the device: ${tool}.`,
    ],
  });

/** @param why which of ggml’s buffers it was, and what that means */
export const ggmlRefused = ({ triedBytes, device }: OutOfMemory, why: string): string =>
  `llama.cpp (ggml) asked ${device ?? 'the device'} for ${triedBytes == null ? 'a buffer' : torchAmount(triedBytes)} and was refused: ${why}.`;

/** SGLang: what it left free is too little for its CUDA graphs. */
const capture = ({ triedBytes, totalBytes, freeBytes, device }: OutOfMemory): TextFinding =>
  textFinding({
    kind: 'full',
    says: `SGLang left too little of ${device ?? 'the device'} free for its CUDA graphs: ${triedBytes == null ? 'an allocation' : torchAmount(triedBytes)} was refused${freeBytes == null ? '' : ` with ${torchAmount(freeBytes)}${totalBytes == null ? '' : ` of ${torchAmount(totalBytes)}`} free`}.`,
    next: [
      'Lower --mem-fraction-static, or --cuda-graph-max-bs; --disable-cuda-graph needs none of it.',
      'Spread the model over more devices (--tp).',
    ],
  });

/** A share of a device below which no engine starts. */
const LEAST_SHARE = 0.1;

/** `Free memory on device (31.20/79.15 GiB) on startup is less than desired GPU memory utilization (0.9, 71.24 GiB)` */
function startup(error: OutOfMemory, text: string, tool: string): TextFinding | null {
  const { totalBytes, freeBytes } = error;
  // A title ends behind the parenthesis.
  const desired = /desired GPU memory utilization \([\d.]{1,6}, ([\d.]{1,10}) GiB\)/i.exec(text)?.[1];
  const triedBytes = error.triedBytes ?? (desired === undefined ? null : Number(desired) * GIB);
  if (triedBytes == null || totalBytes == null || freeBytes == null) return null;
  const share = Math.floor((100 * freeBytes) / totalBytes) / 100;
  return textFinding({
    kind: 'neighbour',
    confidence: 'likely',
    says: `vLLM was to take ${torchAmount(triedBytes)} of ${torchAmount(totalBytes)}, and ${torchAmount(freeBytes)} was free when it started: ${torchAmount(totalBytes - freeBytes)} was in use already, by other processes or by this one before the engine.`,
    next: [
      `See who holds it with ${tool}: an engine or a training left over from an earlier run, or the trainer that shares the device.`,
      share < LEAST_SHARE
        ? 'What is free is too little for any engine: no share of the device helps before the other has let go of it.'
        : `Where it is to stay, give the engine a smaller share: gpu_memory_utilization below ${share}.`,
    ],
  });
}

const NEEDS =
  /max seq len \(([\d,]{1,12})\),? ?\(?([\d.]{1,12} [KMG]i?B) KV cache is needed, which is larger than the available KV cache memory \(([\d.]{1,12} [KMG]i?B)\)/;
const LONGEST = /estimated maximum model length is (\d{1,12})/;
const TOKENS =
  /max seq len \((\d{1,12})\) is larger than the maximum number of tokens that can be stored in KV cache \((\d{1,12})\)/;

function cache(text: string, tool: string, share: number | null): TextFinding | null {
  const next = (length: string | undefined) => [
    ...largerShare(share),
    `Lower max_model_len${length === undefined ? '' : ` to ${length}`}, use a KV cache of 8 bits (kv_cache_dtype=fp8), or more devices (tensor_parallel_size).`,
  ];
  const needs = NEEDS.exec(text);
  if (needs !== null) {
    const longest = LONGEST.exec(text)?.[1];
    return textFinding({
      kind: 'full',
      mark: 'engine',
      says: `vLLM’s KV cache does not fit into what its share of the device leaves: one request of ${needs[1]} tokens, the model’s longest, needs ${needs[2]}, and ${needs[3]} is left.`,
      evidence: [longest === undefined ? null : `The text: ${longest} tokens would fit.`],
      next: next(longest),
    });
  }
  const tokens = TOKENS.exec(text);
  if (tokens !== null)
    return textFinding({
      kind: 'full',
      mark: 'engine',
      says: `vLLM’s KV cache holds ${tokens[2]} tokens within its share of the device, and the model’s longest request has ${tokens[1]}.`,
      next: next(tokens[2]),
    });
  return /No available memory for the cache blocks/i.test(text) ? noRoomForCache(share, tool) : null;
}

/** Share of a device above which vLLM has all of it that there is. */
const ALL_OF_IT = 0.95;
const largerShare = (share: number | null): string[] =>
  share !== null && share >= ALL_OF_IT
    ? [
        `Take a quantised model (AWQ, GPTQ, fp8): gpu_memory_utilization is ${share} already, and cannot give the cache more.`,
      ]
    : [
        `Raise gpu_memory_utilization${share === null ? '' : ` above ${share}`} where nobody else needs the device.`,
      ];

/** Of vLLM’s share nothing is left once the model is loaded: a cache of another kind would not fit either. */
export const noRoomForCache = (share: number | null, tool = 'nvidia-smi'): TextFinding =>
  textFinding({
    kind: 'full',
    mark: 'engine',
    says: `vLLM has nothing left for its KV cache: the model’s weights and activations, and what others hold, take its whole share of the device${share === null ? '' : ` (gpu_memory_utilization ${share})`}.`,
    isWithoutFigures: true,
    next: [
      ...largerShare(share),
      'Lower max_num_batched_tokens, max_num_seqs or max_model_len, or use more devices (tensor_parallel_size).',
      `See with ${tool} what was in use before the engine started: it counts against its share.`,
    ],
  });

/** The allocator of its sleep mode asks the driver itself. */
function waking(text: string): TextFinding | null {
  return /cumem_allocator/i.test(text)
    ? textFinding({
        kind: 'full',
        confidence: 'likely',
        says: 'Out of GPU memory outside PyTorch’s allocator: vLLM’s own (cumem, of its sleep mode) was refused by the driver. Mostly the engine wakes up, or starts, while the trainer still holds the memory.',
        isWithoutFigures: true,
        next: [
          'Free the trainer’s memory before the engine wakes up: offload parameters and optimizer states, then torch.cuda.empty_cache().',
          'Give the engine a smaller share: gpu_memory_utilization.',
        ],
      })
    : null;
}

/** SGLang’s way to sleep, which asks the driver itself as it wakes. */
const resumed = (): TextFinding =>
  textFinding({
    kind: 'full',
    confidence: 'likely',
    says: 'Out of GPU memory outside PyTorch’s allocator: torch_memory_saver (SGLang’s sleep) was refused by the driver as it took its memory back. Mostly the engine wakes up while the trainer still holds it.',
    isWithoutFigures: true,
    next: [
      'Free the trainer’s memory before the engine wakes up: offload parameters and optimizer states, then torch.cuda.empty_cache().',
      'Give the engine a smaller share: mem_fraction_static.',
    ],
  });

/** `Ran out of memory in memory space hbm. Used 18.22G of 15.48G hbm. Exceeded hbm capacity by 2.74G.` */
function compiled(text: string, shown: Shown): TextFinding | null {
  const needs =
    /Used ([\d.]{1,12}[KMG]) of ([\d.]{1,12}[KMG]) (\w{1,12})\. Exceeded \w{1,12} capacity by ([\d.]{1,12}[KMG])/.exec(
      text,
    );
  if (needs === null) return null;
  return textFinding({
    kind: 'full',
    mark: 'compiled program',
    says: `The compiled program needs ${needs[1]} of the accelerator’s ${needs[2]} (${needs[3]}): ${needs[4]} too much. It was found while compiling, before anything ran.`,
    evidence: ['XLA prints K, M and G in powers of two.'],
    next: [...smallerXla(shown, shown.program)],
  });
}
