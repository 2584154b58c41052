/** Errors of ranks that have to find each other and to agree: launchers, collectives, NCCL. Only an error’s own text counts. */
import { LAST_OF_NCCL, worded } from './known-error.ts';

export const ranks = [
  ...worded(
    {
      says: 'NCCL was called in a way that it does not take, and it is not about memory: mostly two ranks on one GPU, or tensors that differ between ranks.',
      next: [
        'Give each rank its own device before the first collective (torch.cuda.set_device(local_rank)); NCCL_DEBUG=WARN names the call.',
      ],
      confidence: 'likely',
    },
    ['nccl', 'invalid usage'],
  ),
  ...worded(
    {
      says: 'Not about memory: the process was started without its ranks: torchrun, or the launcher, sets them in the environment (RANK, WORLD_SIZE, MASTER_ADDR), or a call uses them before init_process_group.',
      next: [
        'Start it with torchrun --nproc_per_node=N (or accelerate launch, srun with its variables), and call init_process_group first.',
      ],
    },
    'default process group has not been initialized',
    ['environment variable', 'expected, but not set'],
  ),
  ...worded(
    {
      says: 'Not about memory: a collective of NCCL was given a tensor of the host; NCCL takes those of a GPU alone.',
      next: [
        'Move it to the rank’s device first, or init_process_group("cpu:gloo,cuda:nccl"), which has a backend for each.',
      ],
    },
    'tensors must be cuda and dense',
    'no backend type associated with device type cpu',
  ),
  ...worded(
    {
      says: 'Not about memory: this build of PyTorch has no NCCL (Windows, macOS, and builds for the CPU).',
      next: ['Take backend="gloo", or a build with CUDA on Linux.'],
    },
    'have nccl built in',
  ),
  ...worded(
    {
      says: 'Not about memory: the ranks did not call the same collective: one went another way in the program than the others.',
      next: [
        'Look for what only some ranks do: an if on the rank around a collective, data that end earlier on one, a save or a log that gathers, parameters in another order.',
      ],
      named: { pattern: /(OpType=\w{1,30})[\s\S]{1,300}\bbut\b/i, says: 'One of them:' },
    },
    'mismatch between collectives',
    'tensor shape mismatch between ranks',
  ),
  ...worded(
    {
      says: 'Not about memory: another rank ended, or its connection was lost; this one only reports it.',
      next: ['Look at the output of the other ranks of that time: the one that ended first has the cause.'],
      confidence: 'likely',
    },
    'ncclremoteerror',
    'remote process exited or there was a network error',
    ['nccl', 'connection closed by remote peer'],
  ),
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: NCCL failed within itself: mostly what it found of the machine (its GPUs, links, network cards) differs from rank to rank, or a container hides a part of it.',
      next: [
        'Run with NCCL_DEBUG=INFO, and look at the first warning of every rank; all ranks need one version of NCCL and the same devices (nvidia-smi topo -m).',
      ],
      confidence: 'likely',
      named: LAST_OF_NCCL,
    },
    ['nccl error in', 'internal error'],
  ),
  ...worded(
    {
      says: 'A call of NCCL’s to CUDA failed, and the text does not say why: an error of a kernel before it, a driver that does not fit, or a device without memory.',
      next: [
        'Run with NCCL_DEBUG=WARN: the line before the error names the call; look at nvidia-smi meanwhile. An error of a kernel before it is reported here too: CUDA_LAUNCH_BLOCKING=1.',
      ],
      confidence: 'likely',
      named: LAST_OF_NCCL,
    },
    ['nccl error', 'unhandled cuda error'],
  ),
];
