/** A refusal by the driver itself, without a figure: by a library beside PyTorch, or a program without it. */
import { type TextFinding, textFinding } from './text-finding.ts';

interface Context {
  message: string;
  evidence: (string | null)[];
  tool: string;
}

/** Julia’s (`CUDA error: out of memory (code 2, ERROR_OUT_OF_MEMORY)`) and Rust’s (`DriverError(CUDA_ERROR_OUT_OF_MEMORY, …)`). */
const OF_JULIA = /\(code (?:#?\d{1,3}, ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory)/;
const OF_RUST = /DriverError\(CUDA_ERROR_OUT_OF_MEMORY/;

/** @param driver CUDA, HIP */
export function explainDriver(driver: string, { message, evidence, tool }: Context): TextFinding {
  const isJulia = OF_JULIA.test(message);
  const isOther = isJulia || OF_RUST.test(message);
  return textFinding({
    kind: 'full',
    ...(!isOther && { mark: 'driver' as const }),
    says: isOther
      ? `Out of memory at the ${driver} driver: the device is full, of this program’s own data or of another process, or page-locked host memory was asked for. The text does not say which.`
      : `Out of memory at the ${driver} driver, not at PyTorch’s allocator, whose error would have figures. Mostly the device is full of other processes when this one makes its context there (other ranks of the job, a program left over), or pinned host memory was asked for.`,
    evidence,
    confidence: 'possible',
    next: [
      `Look at ${tool} before it starts: who holds memory of the device?${driver === 'CUDA' && !isOther ? ' Is its compute mode Default? In Exclusive_Process a second process is refused.' : ''}`,
      ...(isOther
        ? [
            isJulia
              ? 'Let go of arrays that are not needed, then GC.gc(); CUDA.reclaim() (AMDGPU.jl: GC.gc(true)): Julia’s collector does not know how full the GPU is.'
              : 'Use a smaller batch, a shorter context or a smaller quantisation.',
          ]
        : [
            'Run once with CUDA_LAUNCH_BLOCKING=1: the traceback then shows the call that was refused.',
            'Leave memory outside PyTorch for libraries: set_per_process_memory_fraction below 1.',
          ]),
    ],
  });
}
