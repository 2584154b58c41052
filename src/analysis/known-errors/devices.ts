/** Devices and drivers that do not answer, are not there, or are somebody else’s. */
import { type Known, worded } from './known-error.ts';

export const devices: readonly Known[] = [
  {
    words: ['cuda memory allocation failed; attempting to free up memory'],
    kind: 'full',
    says: 'No failure, as far as the text shows: CUDA.jl was refused GPU memory, ran Julia’s garbage collector and went on. The device is nearly full, and each such pass costs time.',
    next: [
      'Let go of arrays sooner (CUDA.unsafe_free!, GC.gc(false) between steps), or use a smaller batch.',
    ],
    confidence: 'likely',
    named: {
      pattern: /Effective GPU memory usage: ([\d.]{1,6}% \([^)\n]{1,40}\))/,
      says: 'Of the device was in use',
    },
  },
  {
    words: ['rminitadapter failed'],
    says: 'Not out of memory: NVIDIA’s driver could not start the GPU. The hardware, its link or the driver, not the program.',
    next: [
      'Restart the node, or reset the GPU and load the driver again; look at the lines of the kernel’s log in front of it (Xid, PCIe errors).',
      'Where it stays: another driver version, the card’s seat and power, or its replacement.',
    ],
    named: {
      pattern: /NVRM: (GPU [\da-fA-F:.]{4,20}: RmInitAdapter failed! \([^)\n]{1,40}\))/,
      says: 'The log:',
    },
  },
  {
    words: ['uncorrectable ecc'],
    says: 'Not out of memory: the device’s memory has an error that cannot be corrected. The hardware, not the program.',
    next: [
      'Take the GPU or its node out of use, reset it, and have it checked (nvidia-smi -q -d ECC, dmesg).',
    ],
  },
  {
    words: ['busy or unavailable'],
    says: 'Not out of memory: another process has the device for itself (exclusive mode), or the device does not answer.',
    next: ['See nvidia-smi: the compute mode of the device, and who uses it.'],
  },
  {
    words: ['invalid device ordinal'],
    says: 'Not out of memory: the process asked for a GPU that it does not have. More processes were started than GPUs are visible, or its number counts devices that CUDA_VISIBLE_DEVICES hides.',
    next: [
      'Start as many processes as there are GPUs (--nproc_per_node), and use LOCAL_RANK for the device, not RANK.',
      'Look at CUDA_VISIBLE_DEVICES and nvidia-smi -L where it runs: visible devices are numbered from 0.',
    ],
  },
  ...worded(
    {
      says: 'Not about memory: the process shares the GPU through NVIDIA’s MPS, and its daemon or server does not answer, or is of another user.',
      next: [
        'Look whether it runs (echo get_server_list | nvidia-cuda-mps-control), and whether CUDA_MPS_PIPE_DIRECTORY is the same for both; a container needs that folder and --ipc=host.',
        'To do without it: unset CUDA_MPS_PIPE_DIRECTORY, and end the daemon (echo quit | nvidia-cuda-mps-control).',
      ],
    },
    'mps client failed to connect',
    'mps server is not ready',
    'cudaerrormpsconnectionfailed',
    'cudaerrormpsservernotready',
  ),
  {
    words: ['mps client has been terminated'],
    says: 'Not about memory, as far as the text shows: a process that shares the GPU through NVIDIA’s MPS failed, and the server ended all that use it.',
    next: [
      'Look at the server’s log (/var/log/nvidia-mps/server.log) for the client that failed first, and at the output of that process.',
    ],
    confidence: 'likely',
  },
  {
    words: ['no cuda-capable device is detected'],
    says: 'Not out of memory: the process sees no GPU.',
    next: [
      'Look at CUDA_VISIBLE_DEVICES and nvidia-smi -L where it runs; a container needs --gpus all, a job of Slurm --gres=gpu.',
    ],
  },
  {
    words: ['ur_result_error_device_lost'],
    says: 'The device was lost: the driver reset it, mostly after a kernel that ran too long or a shortage of memory of the device or the host.',
    next: ['Look at dmesg for lines of i915 or xe, and at xpu-smi for how full it was; try a smaller batch.'],
    confidence: 'possible',
  },
  {
    words: ['vk_error_device_lost'],
    says: 'Not about memory, as far as the text shows: the renderer (Vulkan; a simulator’s cameras) lost the device: the driver reset it, mostly after a shader that ran too long, a fault, or a device that was full.',
    next: [
      'Look at dmesg for lines of “NVRM: Xid”, and at nvidia-smi for how full the device was beside the training.',
      'Another driver version, lower quality, fewer cameras and smaller images, or a GPU of its own for the simulator.',
    ],
    confidence: 'likely',
  },
  {
    words: ['found no nvidia driver'],
    says: 'Not out of memory: there is no driver of NVIDIA’s where the process runs.',
    next: [
      'Look at nvidia-smi there; a container needs the NVIDIA runtime and --gpus all, a job of Slurm --gres=gpu.',
    ],
  },
  {
    words: ['driver/library version mismatch'],
    says: 'Not out of memory: the driver was updated, and the kernel still has the old one loaded.',
    next: ['Restart the machine, or unload and load the driver’s modules; in a container restart it too.'],
  },
  {
    words: ['unable to determine the device handle'],
    says: 'Not out of memory: the driver does not reach the GPU any more; mostly it has fallen off the bus.',
    next: [
      'Look at dmesg for “NVRM: Xid” (79 above all); restart the machine, and have the GPU, its power and its cooling checked.',
    ],
    confidence: 'likely',
  },
  {
    words: ['cuda unknown error'],
    says: 'Not out of memory: CUDA could not be set up. Its environment was changed after it had begun, or the driver’s module for it is in a bad state (after the machine had slept).',
    next: [
      'Set CUDA_VISIBLE_DEVICES before the program starts; after a sleep of the machine reload the module (sudo rmmod nvidia_uvm, sudo modprobe nvidia_uvm) or restart.',
      'In a container look whether it has /dev/nvidia-uvm.',
    ],
    confidence: 'likely',
  },
  {
    words: ['nvml_success == r internal assert failed', 'cudacachingallocator'],
    kind: 'full',
    says: 'Mostly out of GPU memory: PyTorch’s allocator was refused, and failed once more as it asked NVML what others hold, for the words of its error. NVML does not answer for some MIG devices, in containers without it, and after an update of the driver.',
    next: [
      'Look at nvidia-smi where it runs: does it work, is it a MIG device, and how full is it?',
      'Use smaller microbatches, a shorter sequence, or a larger MIG profile: the refusal comes first.',
    ],
    confidence: 'likely',
  },
  {
    words: ['hsa_status_error_out_of_resources'],
    kind: 'full',
    says: 'Mostly out of GPU memory on an AMD GPU: its runtime (ROCm) could not have what a kernel needs, and ended the queue of the process. The same code stands for other resources of the system (threads, events).',
    next: [
      'Look at rocm-smi while it runs: how full is the device, and of whom? Use a smaller batch or shorter sequences.',
      'Where there is room, look at dmesg for lines of amdgpu, and at ulimit -u.',
    ],
    confidence: 'possible',
    named: { pattern: /(Available Free mem : \d{1,9} [KMG]B)/, says: 'The log:' },
  },
  {
    words: ['hsa_status_error', 'queue'],
    says: 'Not out of memory, as far as the text shows: a kernel failed on an AMD GPU, and its driver (ROCm) ended the queue of the process.',
    next: [
      'Run with AMD_SERIALIZE_KERNEL=3 to find the kernel; look for an index out of range, and at dmesg for lines of amdgpu.',
    ],
    confidence: 'likely',
    named: { pattern: /(HSA_STATUS_ERROR\w{0,60})/, says: 'The code:' },
  },
  {
    words: ['hw exception by gpu', 'hang'],
    says: 'Not out of memory: the GPU hung, and its driver (ROCm) reset it; every process that used it ended.',
    next: [
      'Look at dmesg for lines of amdgpu (ring timeout, reset); update driver and firmware, look at temperature and power.',
      'Where it comes again at one place: AMD_SERIALIZE_KERNEL=3 shows the kernel.',
    ],
    named: { pattern: /(HW Exception by GPU node-\d{1,3})/, says: 'The log:' },
  },
  {
    words: ['memory access fault by gpu node'],
    says: 'Not out of memory: a kernel read or wrote an address that is not its own (ROCm).',
    next: [
      'Run with AMD_SERIALIZE_KERNEL=3 to find the kernel; look for an index out of range, or an extension built for another GPU.',
    ],
    named: { pattern: /(Memory access fault by GPU node-\d{1,3}[^\n]{0,200})/, says: 'The log:' },
  },
  ...worded(
    {
      says: 'Not about memory, as far as the text shows: a task on the NPU did not end in time (Ascend). Mostly a collective whose other ranks are not there, or a kernel that hangs.',
      next: [
        'Look at the output and at Ascend’s own log (/root/ascend/log) of every rank: the one whose error is the earliest has the cause.',
        'Where all only wait for a slow rank (data, saving): HCCL_EXEC_TIMEOUT, HCCL_CONNECT_TIMEOUT.',
      ],
      confidence: 'likely',
      named: { pattern: /(?:runtime result =|error code is) (\d{4,7})/, says: 'Ascend’s code:' },
    },
    'stream synchronize timeout',
    'reason=[task timeout]',
    'stream sync timeout',
    'execution of the internal task times out',
  ),
];
