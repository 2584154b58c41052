/** A refusal by the driver itself, without a figure: by a library beside PyTorch, or a program without it. */
import { explainKit, isOfKit } from './kit-finding.ts';
import { type TextFinding, textFinding } from './text-finding.ts';

interface Context {
  message: string;
  evidence: (string | null)[];
  tool: string;
  /** CuPy’s own errors have figures: it called the driver beside its pool. */
  isCuPy: boolean;
  isOfJava: boolean;
  /** Whether the text shows that PyTorch is newer than that whose error had no figures. */
  isRecent: boolean;
}

/** Julia’s (`CUDA error: out of memory (code 2, ERROR_OUT_OF_MEMORY)`) and Rust’s (`DriverError(CUDA_ERROR_OUT_OF_MEMORY, …)`). */
const OF_JULIA = /\(code (?:#?\d{1,3}, ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory)/;
const OF_RUST = /DriverError\(CUDA_ERROR_OUT_OF_MEMORY/;

/** @param driver CUDA, HIP */
export function explainDriver(
  driver: string,
  { message, evidence, tool, isCuPy, isOfJava, isRecent }: Context,
): TextFinding {
  const isJulia = OF_JULIA.test(message);
  const isOther = isJulia || isOfJava || OF_RUST.test(message);
  if (isCuPy)
    return textFinding({
      kind: 'full',
      mark: 'driver',
      says: `Out of memory at the ${driver} driver, in a call of CuPy’s beside its pool, whose error would have figures: a stream, a plan of an FFT, a kernel’s own memory, page-locked host memory. The device is full, of its pool or of another process.`,
      evidence,
      confidence: 'possible',
      next: [
        'Free its pool before that call: cupy.get_default_memory_pool().free_all_blocks(); or bound it: set_limit(), CUPY_GPU_MEMORY_LIMIT.',
        `Look at ${tool} while it runs: who else holds memory of the device?`,
      ],
    });
  if (isOfKit(message)) return explainKit('an allocation', { evidence, tool });
  return textFinding({
    kind: 'full',
    ...(!isOther && { mark: 'driver' as const }),
    says: isOther
      ? `Out of memory at the ${driver} driver: the device is full, of this program’s own data or of another process, or page-locked host memory was asked for. The text does not say which.`
      : `Out of memory at the ${driver} driver, not at PyTorch’s allocator, whose error would have figures${isRecent ? '. It is mostly full' : ' (in PyTorch before 1.1 it had none, and then the device is mostly full of the program’s own tensors). Else it is mostly full'} of other processes when this one makes its context there (other ranks of the job, a program left over), or pinned host memory was asked for.`,
    evidence,
    confidence: 'possible',
    next: [
      `Look at ${tool} before it starts: who holds memory of the device?${driver === 'CUDA' && !isOther ? ' Is its compute mode Default? In Exclusive_Process a second process is refused.' : ''}`,
      ...(isOther
        ? [
            isJulia
              ? `Let go of arrays that are not needed, then ${driver === 'HIP' ? 'GC.gc(true)' : 'GC.gc(); CUDA.reclaim()'}: Julia’s collector does not know how full the GPU is.`
              : isOfJava
                ? 'Free on the device what is not needed any more (the collector of Java does not), or work through it in smaller pieces.'
                : 'Use a smaller batch, a shorter context or a smaller quantisation.',
          ]
        : [
            `Run once with ${driver === 'HIP' ? 'AMD_SERIALIZE_KERNEL=3' : 'CUDA_LAUNCH_BLOCKING=1'}: the traceback then shows the call that was refused.`,
            'Leave memory outside PyTorch for libraries: set_per_process_memory_fraction below 1.',
          ]),
    ],
  });
}
