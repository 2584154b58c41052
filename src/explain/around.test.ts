/** What stands around an error adds to a finding by its mark and its figures, whatever its sentence. */
import { describe, expect, test } from 'vitest';
import { findingOfText, type TextFinding } from '../analysis/index.ts';
import { readMemoryError, shownIn } from '../texts/index.ts';
import { Around } from './around.ts';

interface Row {
  /** The error’s own words. */
  error: string;
  /** The lines around it. */
  beside: string;
  adds: RegExp;
}

const others = (rank: number) =>
  `[rank${rank}]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 900.00 MiB. GPU 0 has a total capacity of 31.00 GiB of which 300.00 MiB is free. Process 11 has 10.20 GiB memory in use. Process 12 has 10.20 GiB memory in use. Of the allocated memory 9.40 GiB is allocated by PyTorch, and 200.00 MiB is reserved by PyTorch but unallocated.`;
const rows: Record<string, Row> = {
  'the buffer of ggml that was refused': {
    error:
      'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 1234.50 MiB on device 0: cudaMalloc failed: out of memory',
    beside: 'llama_kv_cache_init: failed to allocate buffer for kv cache',
    adds: /the KV cache, which grows with the context/,
  },
  'ranks on one device': {
    error: others(0),
    beside: others(1),
    adds: /2 ranks of the job were refused .* it is one device/,
  },
  'XLA’s plan': {
    error:
      'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 7516192768 bytes.',
    beside:
      'BufferAssignment stats:\n             parameter allocation:    3.00GiB\n                 total allocation:    7.00GiB',
    adds: /plan for this one program: 7\.00GiB in all/,
  },
  'the largest array of a compiled program': {
    error:
      'RESOURCE_EXHAUSTED: XLA:TPU compile permanent error. Ran out of memory in memory space hbm. Used 18.22G of 15.48G hbm. Exceeded hbm capacity by 2.74G.',
    beside: '  1. Size: 4.00G\n     Shape: f32[1024,1024,1024]{2,1,0}',
    adds: /Its largest array: 4\.00G, f32\[1024,1024,1024\]/,
  },
  'an engine’s lines about its cache': {
    error:
      'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.',
    beside: 'INFO 01-02 03:04:05 [gpu_worker.py:227] Available KV cache memory: -1.25 GiB',
    adds: /Left for the KV cache: -1\.25 GiB/,
  },
  'an engine’s lines about its tensors': {
    error: others(0)
      .replace(/ Process.*use\./, '')
      .replace('9.40', '30.10'),
    beside: '(EngineCore_DP0 pid=4) Model loading took 27.50 GiB and 9 seconds',
    adds: /Loading the model took 27\.50 GiB/,
  },
};

describe('what stands around an error', () => {
  const sentences = ({ says, evidence, next }: Omit<TextFinding, 'kind' | 'confidence'>) =>
    [says, ...evidence.map(seen => seen.says), ...next].join('\n');

  test.each(Object.entries(rows))('%s', (_, { error, beside, adds }) => {
    const text = `${beside}\n${error}\n`;
    const finding = findingOfText(
      { errorType: null, message: error, outOfMemory: readMemoryError(error)!.outOfMemory, ending: null },
      shownIn(text),
    )!;
    expect(sentences(finding)).not.toMatch(adds);
    const around = new Around(text, false);
    const silent = { ...finding, says: 'Full.' };
    expect(sentences(around.add(silent))).toMatch(adds);
    const { mark: _mark, refused: _refused, ...unmarked } = finding;
    expect(sentences(around.add(unmarked))).not.toMatch(adds);
  });

  test('what TensorFlow’s allocator was asked for is a figure of the error', () => {
    const text =
      'W tensorflow/core/common_runtime/bfc_allocator.cc:280] Allocator (GPU_0_bfc) ran out of memory trying to allocate 39.81MiB. See logs for memory state.\n';
    const error = 'failed to alloc: stream_executor: CUDNN_STATUS_ALLOC_FAILED';
    const outOfMemory = readMemoryError(error)!.outOfMemory;
    const explained = (beside: string) =>
      sentences(
        new Around(beside + error, false).explain({
          errorType: null,
          message: error,
          outOfMemory,
          ending: null,
        })!,
      );
    expect(explained('')).toMatch(/an allocation was refused[\s\S]*no figures/);
    expect(explained(text)).toMatch(/39\.81 MiB was refused[\s\S]*The text: asked 39\.81 MiB\./);
    expect(explained(text)).not.toMatch('no figures');
  });
});
