/** Errors of programs, as people paste them: what each was, where it was raised, and whether memory had a part in it. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer, type Pasted } from './pasted.ts';

const SITE = '/env/lib/python3.11/site-packages';
const frames = (raised: string, library = 'torch/nn/functional.py') =>
  `Traceback (most recent call last):\n  File "/w/train.py", line 31, in <module>\n    main()\n  File "/w/net.py", line 12, in forward\n    return f(x)\n  File "${SITE}/${library}", line 90, in f\n    return g(x)\n${raised}\n`;
const IN_OWN_CODE = '/w/net.py, line 12, in forward (within torch/nn/functional.py, line 90, in f)';

const rows: Record<string, Pasted> = {
  // An error that is known by nothing but its name.
  'an unknown error, with its place': {
    text: frames('ValueError: the schedule has no steps'),
    says: ['Not about memory, as far as the text shows: ValueError: the schedule has no steps', IN_OWN_CODE],
  },
  'an unknown error of several ranks': {
    text: frames('KeyError: "reward"').replace(/^/gm, '[rank2]: '),
    says: ['KeyError: "reward"', 'rank 2', IN_OWN_CODE],
  },
  'the frames without their traceback’s head': {
    text: frames('KeyError: "reward"').split('\n').slice(1).join('\n'),
    says: ['KeyError: "reward"', IN_OWN_CODE],
  },
  'a notebook': {
    text: `---------------------------------------------------------------------------\nKeyError                                  Traceback (most recent call last)\nCell In[7], line 2\n----> 2 trainer.fit()\n\nFile ${SITE}/tool/trainer.py:77, in Trainer.fit(self)\n---> 77 self.step()\n\nKeyError: 'lr'\n`,
    says: ["KeyError: 'lr'", 'Cell In[7], line 2 (within tool/trainer.py, line 77, in Trainer.fit)'],
  },
  'an older notebook': {
    text: `KeyError                                  Traceback (most recent call last)\n/tmp/run.py in <module>\n      8 a\n----> 9 trainer.fit()\n\n${SITE}/tool/trainer.py in fit(self)\n---> 77 self.step()\n\nKeyError: 'lr'\n`,
    says: ["KeyError: 'lr'", '/tmp/run.py, line 9, in <module> (within tool/trainer.py, line 77, in fit)'],
  },
  'a box of rich': {
    text: `╭──────────── Traceback (most recent call last) ────────────╮\n│ /w/main.py:93 in <module>                                 │\n│ ❱ 93 │   fit()                                            │\n╰───────────────────────────────────────────────────────────╯\nKeyError: 'lr'\n`,
    says: ["KeyError: 'lr'", '/w/main.py, line 93, in <module>'],
  },
  'frames of the stand-in device, wherever it lies': {
    text: frames('KeyError: "reward"').replace(
      'KeyError',
      '  File "/w/esper/python/esper_telemetry/standin/values/dispatch.py", line 40, in <lambda>\n    return h(x)\nKeyError',
    ),
    says: ['KeyError: "reward"', IN_OWN_CODE],
  },
  'an out-of-memory error has a place too': {
    text: frames(
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.65 GiB of which 1.00 GiB is free. Of the allocated memory 21.00 GiB is allocated by PyTorch, and 30.00 MiB is reserved by PyTorch but unallocated.',
    ),
    says: ['own tensors', IN_OWN_CODE],
  },
  'an error in a sentence': {
    text: 'After the third epoch it always ends with `RuntimeError: stack expects each tensor to be equal size, but got [12] at entry 0 and [34] at entry 5`.\n',
    says: ['shapes', 'got [12] at entry 0 and [34] at entry 5'],
  },
  'an error among the lines of a test': {
    text: '[2026-02-03T04:05:06Z] E           tool.errors.PlanError: the plan has no stages\n',
    says: ['PlanError: the plan has no stages'],
  },
  'an error of C++': {
    text: "terminate called after throwing an instance of 'std::runtime_error'\n  what():  the queue is closed\nAborted (core dumped)\n",
    says: ['the queue is closed'],
  },
  // What only repeats that something failed.
  'an engine that did not start': {
    text: frames(
      'RuntimeError: Engine core initialization failed. See root cause above.',
      'vllm/v1/utils.py',
    ),
    says: ['The cause is not in this text', 'first traceback'],
    never: ['Not about memory'],
  },
  'a launcher, cut before the exit code': {
    text: frames("subprocess.CalledProcessError: Command '['python', 'train.py'", 'accelerate/launch.py'),
    says: ['The cause is not in this text'],
    never: ['Not about memory'],
  },
  'a process that was spawned': {
    text: `${frames('Exception: ', 'torch/multiprocessing/spawn.py')}\n-- Process 1 terminated with the following error:\n${frames('KeyError: "mask"')}`,
    says: ['KeyError: "mask"', IN_OWN_CODE],
    never: ['The cause is not'],
  },
  'a task of Ray’s': {
    text: `ray.exceptions.RayTaskError(ValueError): ray::W.step() (pid=71, ip=10.0.0.3)\n  File "/w/step.py", line 5, in step\n    load()\nhuggingface_hub.errors.HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://example.org/a\n`,
    says: ['429', 'more requests'],
  },
  'a text that ends before its error': {
    text: frames('').split('\n').slice(0, 5).join('\n'),
    says: ['before its error', 'The last frame in it: /w/net.py, line 12, in forward'],
    never: ['Not about memory'],
  },
  'a worker’s class, and the text ends before its error': {
    text: `Caught OutOfResources in replica 0 on device 0.\nOriginal ${frames('').split('\n').slice(0, 5).join('\n')}`,
    says: ['on-chip shared memory'],
  },
  'frames of C++ alone': {
    text: 'frame #3: c10::TensorImpl::release() + 0x50 (0x7fa7 in /env/libc10.so)\nframe #4: <unknown function> + 0x30 (0x7fa7 in /env/libtorch.so)\n',
    says: ['frames of an error in C++'],
  },
  // Kinds of errors that are no shortage.
  'advice that names assertions is none': {
    text: 'RuntimeError: CUDA error: operation not permitted when stream is capturing\nCompile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n',
    says: ['CUDA graph'],
    never: ['index out of range'],
  },
  'a checkpoint that does not fit': {
    text: frames(
      'RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for head.weight: copying a param with shape torch.Size([7, 64]) from checkpoint, the shape in current model is torch.Size([3, 64]).',
    ),
    says: ['the checkpoint does not fit', 'torch.Size([7, 64])', 'torch.Size([3, 64])', IN_OWN_CODE],
  },
  'a module that is missing': {
    text: frames("ModuleNotFoundError: No module named 'tool.config'"),
    says: ['The module: tool.config', 'pip install'],
  },
  'two types': {
    text: frames('RuntimeError: expected scalar type Float but found Half'),
    says: ['types (dtypes)'],
  },
  'a port in use': {
    text: frames(
      'RuntimeError: The server socket has failed to listen on any local network address. EADDRINUSE',
    ),
    says: ['uses the port already', 'master_port'],
  },
  'a tensor that could not be shared': {
    text: frames('RuntimeError: unable to open shared memory object </torch_7_8> in read-write mode'),
    says: ['as many files open as it may, or /dev/shm', 'ulimit -n'],
  },
  'and the reason for it': {
    text: frames(
      'RuntimeError: unable to open shared memory object </torch_7_8> in read-write mode: Too many open files (24)',
    ),
    says: ['as many files open as it may', 'ulimit -n'],
    never: ['is full'],
  },
  // Simulators and renderers.
  'a renderer that was refused': {
    text: 'LogVulkanRHI: Warning: Failed to allocate Device Memory, Requested=4096.00Kb MemTypeIndex=7\n',
    says: ['the renderer (Vulkan', '4.00 MiB', 'quality'],
    never: ['microbatches'],
  },
  'a renderer that crashed of it': {
    text: 'vkCreateBuffer(a, b) failed, VkResult=-2\nwith error VK_ERROR_OUT_OF_DEVICE_MEMORY\nSignal 11 caught.\nSegmentation fault (core dumped)\n',
    says: ['Out of GPU memory outside PyTorch', 'the renderer'],
  },
  'a renderer that lost its device': {
    text: 'vkDeviceWaitIdle(Device) failed, VkResult=-4\nwith error VK_ERROR_DEVICE_LOST\nSignal 11 caught.\nSegmentation fault (core dumped)\n',
    says: ['Not about memory', 'lost the device'],
  },
  'a kernel of the simulator that did not start': {
    text: '[Error] [omni.physx.plugin] PhysX error: GPU narrow_Kernel fail to launch!!\n, FILE /b/Core.cpp, LINE 12\n',
    says: ['could not be launched', 'narrow_Kernel'],
  },
  'a value that the simulator refuses': {
    text: '[Error] [omni.physx.plugin] PhysX error: setMass(): mass must be positive, FILE /b/Body.h, LINE 45\n',
    says: ['Not about memory', 'mass must be positive'],
  },
  'the pipeline of the simulator': {
    text: '/b/PxgCore.cpp (99) : internal error : GPU stage1 fail to launch kernel stage 1!!\n\n/b/PxgAllocator.cpp (59) : warning : Failed to allocate pinned memory.\n\nSegmentation fault (core dumped)\n',
    says: ['GPU pipeline of the simulator', 'GPU stage1 fail to launch'],
    never: ['page-locked', 'how the training went on'],
  },
  'a program that makes images': {
    text: `# ComfyUI Error Report\n- **Node Type:** KSampler\n- **Exception Type:** torch.OutOfMemoryError\n- **Exception Message:** Allocation on device \n`,
    says: ['Out of GPU memory', 'smaller or fewer images'],
    never: ['microbatches'],
  },
  'the same, that trains': {
    text: 'Traceback (most recent call last):\n  File "/w/stable-diffusion-webui/modules/dreambooth/train.py", line 4, in f\n    g()\ntorch.OutOfMemoryError: CUDA out of memory.\n',
    says: ['microbatches'],
  },
  // What ended a process.
  'a heap that was overwritten': {
    text: 'malloc(): corrupted top size\nAborted (core dumped)\n',
    says: ['Not a shortage of memory', 'malloc(): corrupted top size'],
  },
  'an instruction that the processor does not have': {
    text: 'mpirun noticed that process rank 2 with PID 0 on node a exited on signal 4 (Illegal instruction).\n',
    says: ['rank 2', 'SIGILL', 'AVX'],
  },
  'a crash in MPI’s own words': {
    text: '[n1:0271] *** Process received signal ***\n[n1:0271] Signal: Segmentation fault (11)\n[n1:0271] Signal code: Invalid permissions (2)\n',
    says: ['SIGSEGV'],
  },
  'a job that is started again': {
    text: 'slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-01-02T02:06:12 DUE TO JOB REQUEUE ***\n',
    says: ['requeued', 'Memory had no part'],
    never: ['by a person'],
  },
  'an event of Docker’s': {
    text: '2026-01-02T18:05:45.01-05:00 container oom 29d72966e0beb17d9b0b (image=a, name=b)\n',
    says: ['the limit of its container', '(docker)'],
  },
  'another rank of Horovod’s': {
    text: 'AbortedError: Horovod has been shut down. This was caused by an exception on one of the ranks.\n',
    says: ['horovod', 'not the first cause'],
  },
  'the head of a debugger': {
    text: 'Exception has occurred: RuntimeError\ncuDNN error: CUDNN_STATUS_EXECUTION_FAILED\n  File "~/w/net.py", line 22, in forward\n',
    says: ['RuntimeError: cuDNN error', 'CUDA_LAUNCH_BLOCKING'],
  },
  'an estimate whose options are of a class': {
    text: 'Estimated memory needed for params, optim states and gradients for a:\nHW: Setup with 1 node, 2 GPUs per node.\nSW: Model with 1000M total params, 20M largest layer params.\n  per CPU  |  per GPU |   Options\n   25.00GB |   0.10GB | offload_param=OffloadDeviceEnum.cpu, offload_optimizer=OffloadDeviceEnum.cpu, zero_init=1\n    0.50GB |   9.00GB | offload_param=none, offload_optimizer=none, zero_init=1\n',
    says: ['9.00 GB of each GPU without offloading', '0.10 GB with the most of it', '25.00 GB of the host'],
  },
  // The interpreter’s last word, and what stands behind it.
  'an interpreter that crashed': {
    text: `Fatal Python error: Segmentation fault\n\nThread 0x00007f11 (most recent call first):\n  File "/env/lib/python3.11/threading.py", line 324 in wait\n\nCurrent thread 0x00007f12 (most recent call first):\n  File "${SITE}/cumem.py", line 80 in unmap\n  File "/w/roll.py", line 7 in sleep\n  File "/w/main.py", line 3 in <module>\n`,
    says: [
      'crashed in native code',
      'Segmentation fault',
      '/w/roll.py, line 7, in sleep (within cumem.py, line 80, in unmap)',
    ],
  },
  'the stacks alone': {
    text: `Thread 0x00007f11 (most recent call first):\n  File "/w/a.py", line 1 in wait\n\nCurrent thread 0x00007f12 (most recent call first):\n  File "/w/roll.py", line 7 in sleep\n`,
    says: ['stacks of a process', '/w/roll.py, line 7, in sleep'],
    never: ['Not about memory'],
  },
  'an import that names its cause a line further': {
    text: 'RuntimeError: Failed to import tool.trainer because of the following error (look up to see its traceback):\n/env/fast_ops.so: undefined symbol: _ZN3c10\n',
    says: ['library that a module needs', 'fast_ops.so: undefined symbol: _ZN3c10'],
  },
  'a GPU of AMD’s that hung': {
    text: 'HW Exception by GPU node-3 (Agent handle: 0x55) reason :GPU Hang\nAborted (core dumped)\n',
    says: ['the GPU hung', 'node-3'],
  },
  'arithmetic in native code': {
    text: 'Floating point exception (core dumped)\n',
    says: ['SIGFPE', 'divided by zero'],
  },
  'a launcher that ends its processes': {
    text: 'Unable to shutdown process 412 via Signals.SIGINT, forcefully exiting via Signals.SIGKILL\n',
    says: ['by force', 'no lack of memory'],
  },
  // Tables and lines of a state.
  'npu-smi': {
    text: '| npu-smi 25.2.0                   Version: 25.2.0                     |\n| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|\n| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |\n| 0     910B3               | OK            | 98.4        50                0    / 0             |\n| 0                         | 0000:C1:00.0  | 0           0    / 0          64000/ 65536         |\n| 1     910B3               | OK            | 96.5        53                0    / 0             |\n| 0                         | 0000:01:00.0  | 0           0    / 0          3368 / 65536         |\n| 0       0                 | 41234         | python3                  | 60500                   |\n',
    says: ['Device 0 is at 97.7%', '3368 of 65536 MiB', 'process 41234 (python3) 60500 MiB'],
  },
  'an engine’s sleeps': {
    text: 'INFO [gpu_worker.py:81] Sleep mode freed 40.00 GiB memory, 12.50 GiB memory is still in use.\nINFO [gpu_worker.py:81] Sleep mode freed 40.00 GiB memory, 12.75 GiB memory is still in use.\n',
    says: ['12.50 to 12.75 GiB', 'did not grow'],
  },
  // Collectives.
  'HCCL waits for a rank': {
    text: 'EI0002: [PID: 29] The wait execution of the Notify register times out. Reason: The Notify register has not received the Notify record from remote rank: [11]. base information: [streamID:[1], tag[AllGather_group_1]].\n',
    says: ['hung and timed out (hccl: AllGather)', 'waited for rank 11', 'not out of memory'],
  },
  'HCCL’s socket, in the text of an error': {
    text: `${frames('RuntimeError: OPS function error: HcclAllreduce, error code is 6')}EI0006: [PID: 12] Getting socket times out. Reason: Remote Rank did not send the data in time.\n`,
    says: ['never joined', 'not out of memory'],
  },
  'a task of Ascend’s that did not end': {
    text: 'EE1002: Stream synchronize timeout. rtDeviceSynchronize execute failed, reason=[stream sync timeout]\n        wait for compute device to finish failed, runtime result = 507046.\n',
    says: ['did not end in time (Ascend)', '507046'],
  },
  // Requests, and what there is beside them.
  'room that does not suffice': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 3.00 GiB (GPU 0; 6.00 GiB total capacity; 512.00 MiB already allocated; 2.50 GiB free; 600.00 MiB reserved in total by PyTorch)\n',
    says: ['Others take'],
    never: ['is full'],
  },
  'room that does not suffice, on a small device': {
    text: 'RuntimeError: CUDA out of memory. Tried to allocate 1.50 GiB (GPU 0; 2.00 GiB total capacity; 100.00 MiB already allocated; 1.20 GiB free; 110.00 MiB reserved in total by PyTorch)\n',
    says: ['has not enough left', '1.20 GiB of 2.00 GiB is free'],
    never: ['is full'],
  },
  'a search for a batch size that found none': {
    text:
      frames('RuntimeError: No executable batch size found, reached zero.') +
      'torch.OutOfMemoryError: CUDA out of memory.\n',
    says: ['Out of GPU memory'],
  },
  'a worker of the loader that met an instruction its processor lacks': {
    text: 'RuntimeError: DataLoader worker (pid(s) 71) exited unexpectedly\n\nProcess finished with exit code -1073741795 (0xC000001D)\n',
    says: ['this processor does not have'],
    never: ['/dev/shm'],
  },
  'a worker of the loader whose details are lost': {
    text: 'RuntimeError: DataLoader worker (pid(s) 71) exited unexpectedly with exit code 1. Details are lost due to multiprocessing.\n',
    says: ['exit code 1', 'num_workers=0'],
  },
  'a pointer that was freed before a worker was aborted': {
    text: 'src/tcmalloc.cc:283] Attempt to free invalid pointer 0x7 \nRuntimeError: DataLoader worker (pid 71) is killed by signal: Aborted. \n',
    says: ['heap of the process was overwritten', 'invalid pointer 0x7.'],
    never: ['for lack of'],
  },
  'an error that Python ignored': {
    text: `Exception ignored in: <function Ring.__del__ at 0x7f>\nTraceback (most recent call last):\n  File "/w/ring.py", line 9, in __del__\n    self.free()\nGL.EGLError: EGLError(\n\terr = EGL_NOT_INITIALIZED,\n)\n`,
    says: ['No failure of its own', 'EGLError: EGLError( err = EGL_NOT_INITIALIZED'],
  },
  'a launcher’s summary of rank 0': {
    text: 'Root Cause (first observed failure):\n[0]:\n  rank      : 0 (local_rank: 0)\n  exitcode  : 1 (pid: 71)\n',
    says: ['rank 0 that failed', 'exit code 1'],
  },
  'NCCL’s last error': {
    text: `${frames('torch.distributed.DistBackendError: NCCL error in: NCCLUtils.hpp:31, internal error, NCCL version 2.14.3')}ncclInternalError: Internal check failed.\nLast error:\nXML Import Channel : dev 5 not found.\n`,
    says: ['NCCL failed within itself', 'XML Import Channel : dev 5 not found.', 'Raised at'],
  },
  'NCCL’s call to CUDA': {
    text: `${frames('RuntimeError: NCCL error in: NCCLUtils.hpp:31, unhandled cuda error, NCCL version 2.19.3')}ncclUnhandledCudaError: Call to CUDA function failed.\nLast error:\nCuda failure 'invalid argument'\n`,
    says: ['call of NCCL’s to CUDA failed', "Cuda failure 'invalid argument'"],
  },
  'no display to draw in': {
    text: frames('mujoco.FatalError: an OpenGL platform library has not been loaded into this process'),
    says: ['no OpenGL context', 'MUJOCO_GL=egl'],
  },
  'an error whose text begins below its name': {
    text: '  File "/w/ext.py", line 20, in <module>\n    raise RuntimeError(\nRuntimeError: \n        CUDA Setup failed despite GPU being available.\n\n        python -m tool\n',
    says: ['a library that a module needs', 'CUDA Setup failed despite', '/w/ext.py, line 20'],
  },
  'a library that is missing, above a traceback that was cut': {
    text: `Could not load the native library: /env/libfast.so: cannot open shared object file: No such file or directory\nTraceback (most recent call last):\n  File "/w/ext.py", line 85, in <module>\n    lib = load()\n`,
    says: [
      'a library that a module needs',
      'libfast.so: cannot open shared object file',
      '/w/ext.py, line 85',
    ],
  },
  'a pool of ggml’s': {
    text: 'CUDA error: out of memory\n  current device: 0, in function alloc at /b/ggml-cuda.cu:233\n  hipMalloc((void **) &ptr, size)\n',
    says: ['llama.cpp'],
    never: ['PyTorch'],
  },
  'a kernel that names the user of what it killed': {
    text: 'kernel: Out of memory: Kill process 71 (python) score 712 or sacrifice child\nkernel: Killed process 71, UID 1002, (python) total-vm:10485760kB, anon-rss:9437184kB, file-rss:9kB\n',
    says: ['Process 71 (python)', '9.00 GiB'],
  },
  'a frame that a multiplexer wrote over': {
    text: 'Traceback (most recent call last):\n  File "/w/a.py", line 17, in train                         [45/935]\n    go()\nValueError: Expected a cuda device, but got: cpu\n',
    says: ['/w/a.py, line 17, in train.'],
  },
  'a driver’s impossible size': {
    text: 'E tensorflow/stream_executor/rocm/rocm_driver.cc:606] failed to allocate 100.00TiB (109951162777600 bytes) from device: HIP_ERROR_OutOfMemory\n',
    says: ['by the driver that is 100.00 TiB'],
    never: ['Cut that piece'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row);
});

test('one refusal that is logged and raised is one', () => {
  const text = `ERROR - Allocation on device 0 would exceed allowed memory. (out of memory)\n${frames('torch.OutOfMemoryError: Allocation on device 0 would exceed allowed memory. (out of memory)')}`;
  expect(explainText(text, 'pasted', 2e12)!.says).not.toMatch(/refused \d times/);
});

test('a sentence that names no error is none', () => {
  expect(explainText('It works on one GPU, and on two it is slower.\n', 'pasted', 2e12)).toBeNull();
});
