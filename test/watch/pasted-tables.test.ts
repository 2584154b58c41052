/** Tables and lists that machines print of their memory and limits, without an error: what is full, and of whom. Values invented. */
import { expect, test } from 'vitest';
import { explainText } from '../../src/explain/index.ts';
import { expectAnswer } from './pasted.ts';

const rows: Record<string, { text: string; says: string[]; never?: string[] }> = {
  '/dev/shm that is full': {
    text: `Filesystem      Size  Used Avail Use% Mounted on
tmpfs            64M   64M     0 100% /dev/shm
`,
    says: ['/dev/shm, the host’s shared memory files, is full', '64M of 64M', '--shm-size'],
  },
  '/dev/shm of a container': {
    text: `Filesystem      Size  Used Avail Use% Mounted on
shm              64M     0   64M   0% /dev/shm
`,
    says: ['a container’s default', '64M is free'],
  },
  'a full disk': {
    text: `Filesystem      Size  Used Avail Use% Mounted on
/dev/nvme0n1p2  916G  916G     0 100% /
tmpfs           126G  1.2G  125G   1% /dev/shm
/dev/sdb1       3.6T  2.1T  1.4T  61% /data
`,
    says: ['The disk at / is full: 916G of 916G', 'no lack of memory'],
  },
  'snaps, which are always full': {
    text: `Filesystem      Size  Used Avail Use% Mounted on
/dev/sda1        97G   40G   57G  42% /
/dev/loop3       56M   56M     0 100% /snap/core18/2128
tmpfs            16G     0   16G   0% /dev/shm
`,
    says: ['No file system is full', '16G of 16G free'],
  },
  'free behind its prompt': {
    text: `$ free -h
               total        used        free      shared  buff/cache   available
Mem:            62Gi        12Gi        40Gi       1.1Gi       9.9Gi        48Gi
Swap:          2.0Gi          0B       2.0Gi
`,
    says: ['62Gi of memory', '48Gi is available', 'not short', 'Swap: 0B of 2.0Gi used'],
  },
  'free before it had a column of what is available': {
    text: `             total       used       free     shared    buffers     cached
Mem:         64311      63900        411          0         12        220
-/+ buffers/cache:      63668        643
Swap:            0          0          0
`,
    says: ['643 is available', 'in the unit that free was asked for', 'kills a process'],
  },
  'free in German': {
    text: `              gesamt       benutzt     frei      gemns.  Puffer/Cache verfügbar
Speicher:        62Gi        60Gi       512Mi       1.1Gi       1.9Gi       604Mi
Swap:          2.0Gi       2.0Gi          0B
`,
    says: ['604Mi is available', 'kills a process'],
  },
  top: {
    text: `top - 14:03:11 up 12 days,  3:11,  2 users,  load average: 14.02, 13.11, 12.90
Tasks: 512 total,   3 running, 509 sleeping,   0 stopped,   0 zombie
%Cpu(s): 40.1 us,  3.2 sy,  0.0 ni, 55.9 id,  0.8 wa,  0.0 hi,  0.0 si,  0.0 st
MiB Mem :  64215.9 total,    310.4 free,  62811.0 used,   1094.5 buff/cache
MiB Swap:   2048.0 total,      0.0 free,   2048.0 used.    812.3 avail Mem 

    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
  50712 eve       20   0  101.2g  41.3g 120m R 398.0  65.8  88:11.04 python
  50990 eve       20   0   22.1g   9.8g 110m S  12.0  15.6   9:01.77 python
`,
    says: ['812 MiB is available', 'Process 50712 (python) holds 41.3g'],
  },
  htop: {
    text: `    0[|||||||||||||||||||||||||98.0%]   4[||||||||                 31.1%]
    1[||||||||||||||           52.1%]   5[|||                      11.9%]
  Mem[|||||||||||||||||||||||60.9G/62.7G]   Tasks: 212, 930 thr; 9 running
  Swp[|||||||||||||||||||||||2.00G/2.00G]   Load average: 14.02 13.11 12.90

    PID USER      PRI  NI  VIRT   RES   SHR S CPU% MEM%   TIME+  Command
  50712 eve        20   0  101G 41.3G  120M R 398. 65.8 88:11.04 python train.py
`,
    says: ['62.7 GiB of memory, 60.9 GiB of it is used', 'Process 50712'],
  },
  '/proc/meminfo': {
    text: `MemTotal:       65757184 kB
MemFree:          310412 kB
MemAvailable:     612300 kB
Buffers:           12032 kB
Cached:           812300 kB
SwapTotal:       2097148 kB
SwapFree:              0 kB
`,
    says: ['598 MiB is available'],
  },
  'ps aux': {
    text: `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
eve        50712  398 65.8 106123456 43312444 pts/1 Rl+  13:00  88:11 python train.py
eve        50990 12.0 15.6 23123456 10276044 pts/1 Sl+  13:00   9:01 python train.py
`,
    says: ['Process 50712 (python train.py) holds 41.3 GiB'],
  },
  'docker stats': {
    text: `CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT     MEM %     NET I/O          BLOCK I/O        PIDS
3f1c0b7a9d2e   trainer   398.12%   31.8GiB / 32GiB       99.38%    1.2GB / 300MB    10GB / 2GB       212
`,
    says: ['trainer uses 31.8GiB of the 32GiB', 'kernel kills'],
  },
  'docker inspect of a container that was killed': {
    text: `[
    {
        "Id": "3f1c0b7a9d2e",
        "State": {
            "Status": "exited",
            "OOMKilled": true,
            "ExitCode": 137
        },
        "HostConfig": {
            "Memory": 12884901888,
            "MemorySwap": 12884901888,
            "ShmSize": 67108864
        }
    }
]
`,
    says: ['killed for lack of host memory', 'Its limit: 12.0'],
  },
  'docker inspect of a container without a limit': {
    text: 'State:\n    OOMKilled: true\n    ExitCode: 137\nHostConfig:\n    "Memory": 0,\n',
    says: ['killed for lack of host memory'],
    never: ['Its limit'],
  },
  'a container that was not killed for memory': {
    text: '    OOMKilled: false\n    ExitCode: 137\n',
    says: ['SIGKILL'],
    never: ['killed for lack of host memory'],
  },
  'kubectl top pod': {
    text: `NAME                        CPU(cores)   MEMORY(bytes)
trainer-5c9d7b6f4c-q2x8p    3870m        29811Mi
redis-0                     11m          43Mi
`,
    says: [
      'trainer-5c9d7b6f4c-q2x8p uses 29.1 GiB',
      'its limit, is not in the table',
      'kubectl describe pod',
    ],
  },
  'kubectl top pod of all namespaces, with containers': {
    text: `NAMESPACE   POD        NAME      CPU(cores)   MEMORY(bytes)
ml          train-0    trainer   3870m        12Gi
ml          train-0    sidecar   1m           9Mi
`,
    says: ['trainer uses 12.0 GiB'],
  },
  'kubectl top node': {
    text: `NAME     CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%
gpu-a    11031m       34%    241233Mi        95%
gpu-b    230m         0%     12233Mi         4%
`,
    says: ['gpu-a uses 235.6 GiB', '95%', 'evicts'],
  },
  'ollama ps of a model that does not fit': {
    text: `NAME              ID              SIZE     PROCESSOR          CONTEXT    UNTIL
qwen3:72b         0a1b2c3d4e5f    47 GB    39%/61% CPU/GPU    8192       4 minutes from now
`,
    says: ['qwen3:72b (47 GB) does not fit the GPU', '39% of it lies in the host’s memory', 'num_ctx'],
  },
  'ollama ps of one on the GPU': {
    text: `NAME        ID              SIZE      PROCESSOR    UNTIL
phi4:14b    0a1b2c3d4e5f    11.1 GB   100% GPU     Forever
`,
    says: ['lies on the GPU whole'],
    never: ['does not fit'],
  },
  'ollama ps of one on the CPU': {
    text: `NAME        ID              SIZE      PROCESSOR    UNTIL
phi4:14b    0a1b2c3d4e5f    11.1 GB   100% CPU     Forever
`,
    says: ['runs on the CPU alone', 'was a GPU found'],
  },
  'DeepSpeed’s lines of device and host': {
    text: `[2031-03-04 10:11:12,346] [INFO] [utils.py:803:see_memory_usage] Before creating optimizer states
[2031-03-04 10:11:12,346] [INFO] [utils.py:804:see_memory_usage] MA 5.12 GB         Max_MA 5.12 GB         CA 5.25 GB         Max_CA 5 GB
[2031-03-04 10:11:12,346] [INFO] [utils.py:811:see_memory_usage] CPU Virtual Memory:  used = 241.42 GB, percent = 96.1%
`,
    says: ['held by tensors 5.12 GiB', '241.42 GiB in use, 96.1% of what it has: nearly all'],
  },
  nvtop: {
    text: ` Device 0 [NVIDIA GeForce RTX 3090] PCIe GEN 4@16x RX: 10.74 MiB/s TX: 2.930 MiB/s
 GPU 1695MHz MEM 9501MHz TEMP  67°C FAN  61% POW 341 / 350 W
 GPU[||||||||||||||||||||||||||||98%] MEM[|||||||||||||||23.1Gi/24.0Gi]

    PID USER DEV    TYPE  GPU        GPU MEM    CPU  HOST MEM Command
  50712  eve   0 Compute  97%  22310MiB  93%   101%   4812MiB python train.py
`,
    says: ['23.1 of 24.0 GiB', 'process 50712 (python) 22310 MiB'],
  },
  nvitop: {
    text: `╒═════════════════════════════════════════════════════════════════════════════╕
│ NVITOP 1.3.2      Driver Version: 535.154.05      CUDA Driver Version: 12.2 │
├───────────────────────────────┬──────────────────────┬──────────────────────┤
│ GPU  Name        Persistence-M│ Bus-Id        Disp.A │ Volatile Uncorr. ECC │
│ Fan  Temp  Perf  Pwr:Usage/Cap│         Memory-Usage │ GPU-Util  Compute M. │
╞═══════════════════════════════╪══════════════════════╪══════════════════════╡
│   0  ..orce RTX 3090      Off │ 00000000:01:00.0 Off │                  N/A │
│ 61%   67C    P2   341W / 350W │  23880MiB / 24.00GiB │     98%      Default │
╘═══════════════════════════════╧══════════════════════╧══════════════════════╛
╒═════════════════════════════════════════════════════════════════════════════╕
│ Processes:                                                        mia@box01 │
│ GPU     PID      USER  GPU-MEM %SM  %CPU  %MEM      TIME  COMMAND           │
╞═════════════════════════════════════════════════════════════════════════════╡
│   0   50712 C     eve 22.31GiB  97  101.2   7.7   1:02:11  python train.py  │
╘═════════════════════════════════════════════════════════════════════════════╛
`,
    says: ['23880 MiB of 24.00 GiB', 'process 50712 (python train.py) 22.31GiB'],
  },
  'rocm-smi without figures': {
    text: `========================================= ROCm System Management Interface =========================================
=================================================== Concise Info ===================================================
Device  Node  IDs              Temp    Power    Partitions          SCLK    MCLK     Fan    Perf  PwrCap  VRAM%  GPU%  
              (DID,     GUID)  (Edge)  (Socket) (Mem, Compute, ID)                                                     
====================================================================================================================
0       1     0x740f,   32031  N/A     N/A      N/A, N/A, 0         None    None     0%     unknown  N/A  N/A    N/A   
====================================================================================================================
=============================================== End of ROCm SMI Log ================================================
`,
    says: ['no figures of it (N/A)', '--showmeminfo vram'],
  },
  'amd-smi monitor': {
    text: `GPU  POWER  GPU_T  MEM_T  GFX_CLK  GFX%  MEM%  ENC%  DEC%  VRAM_USED  VRAM_TOTAL
  0  748 W  62 °C  55 °C  2100 MHz  100 %   43 %  N/A   0 %  188420 MB   196288 MB
  1  140 W  38 °C  33 °C   132 MHz    0 %    0 %  N/A   0 %     285 MB   196288 MB
`,
    says: ['188420 of 196288 MiB', '285 of 196288 MiB'],
  },
  'amd-smi metric': {
    text: `GPU: 0
    MEM_USAGE:
        TOTAL_VRAM: 65501 MB
        USED_VRAM: 64990 MB
        FREE_VRAM: 511 MB
        TOTAL_VISIBLE_VRAM: 65501 MB
        USED_VISIBLE_VRAM: 64990 MB
        FREE_VISIBLE_VRAM: 511 MB
        TOTAL_GTT: 257813 MB
        USED_GTT: 20 MB
        FREE_GTT: 257793 MB
`,
    says: ['64990 of 65501 MiB'],
  },
  'xpu-smi stats': {
    text: `+-----------------------------+--------------------------------------------------------------------+
| Device ID                   | 0                                                                  |
+-----------------------------+--------------------------------------------------------------------+
| GPU Utilization (%)         | 97                                                                 |
| EU Array Active (%)         | N/A                                                                |
| GPU Power (W)               | 310                                                                |
| GPU Memory Used (MiB)       | 47102                                                              |
| GPU Memory Util (%)         | 96                                                                 |
+-----------------------------+--------------------------------------------------------------------+
`,
    says: ['96% of its memory in use (47102 MiB)', 'torch.xpu'],
  },
  'xpu-smi dump': {
    text: `Timestamp, DeviceId, GPU Utilization (%), GPU Memory Utilization (%), GPU Memory Used (MiB)
14:03:11.000,    0, 97.10, 96.02, 47102.11
14:03:12.000,    0, 98.00, 96.05, 47110.02
`,
    says: ['47110.02 MiB'],
  },
  'a program’s line of a GPU': {
    text: `Memory info of GPU 0: total 24564MiB used 23110MiB free 1454MiB
`,
    says: ['23110 of 24564 MiB'],
  },
  'Kaldi’s lines of GPUs': {
    text: `LOG (nnet3-chain-train[5.5]:SelectGpuIdAuto():cu-device.cc:323) Selecting from 4 GPUs
LOG (nnet3-chain-train[5.5]:SelectGpuIdAuto():cu-device.cc:338) cudaSetDevice(0): Tesla V100-SXM2-32GB	free:412M, used:32098M, total:32510M, free/total:0.0126730
LOG (nnet3-chain-train[5.5]:SelectGpuIdAuto():cu-device.cc:338) cudaSetDevice(1): Tesla V100-SXM2-32GB	free:31901M, used:609M, total:32510M, free/total:0.981267
LOG (nnet3-chain-train[5.5]:SelectGpuIdAuto():cu-device.cc:385) Trying to select device: 1 (automatically), mem_ratio: 0.981267
LOG (nnet3-chain-train[5.5]:FinalizeActiveGpu():cu-device.cc:342) The active GPU is [1]: Tesla V100-SXM2-32GB	free:31535M, used:975M, total:32510M, free/total:0.970010 version 7.0
`,
    says: ['32098 of 32510 MiB', '975 of 32510 MiB'],
  },
  'mem_get_info in a console': {
    text: `>>> torch.cuda.mem_get_info()
(1288699904, 25438126080)
`,
    says: ['1.20 GiB of the device’s 23.7 GiB is free'],
  },
  'topo without NVLink': {
    text: `	GPU0	GPU1	GPU2	GPU3	CPU Affinity	NUMA Affinity	GPU NUMA ID
GPU0	 X 	PHB	SYS	SYS	0-15	0		N/A
GPU1	PHB	 X 	SYS	SYS	0-15	0		N/A
GPU2	SYS	SYS	 X 	PHB	16-31	1		N/A
GPU3	SYS	SYS	PHB	 X 	16-31	1		N/A

Legend:

  X    = Self
  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)
  PHB  = Connection traversing PCIe as well as a PCIe Host Bridge (typically the CPU)
`,
    says: ['4 GPUs: none linked by NVLink', 'no memory in it'],
  },
  'topo with NVLink': {
    text: `        GPU0    GPU1    CPU Affinity    NUMA Affinity
GPU0     X      NV12    0-31            0
GPU1    NV12     X      0-31            0
`,
    says: ['all linked by NVLink'],
  },
  'ulimit -a': {
    text: `core file size              (blocks, -c) 0
data seg size               (kbytes, -d) unlimited
scheduling priority                 (-e) 0
file size                   (blocks, -f) unlimited
pending signals                     (-i) 256581
max locked memory           (kbytes, -l) 64
max memory size             (kbytes, -m) unlimited
open files                          (-n) 1024
pipe size                (512 bytes, -p) 8
POSIX message queues         (bytes, -q) 819200
real-time priority                  (-r) 0
stack size                  (kbytes, -s) 8192
cpu time                   (seconds, -t) unlimited
max user processes                  (-u) 4096
virtual memory              (kbytes, -v) 33554432
file locks                          (-x) unlimited
`,
    says: [
      'open files 1024',
      'max locked memory 64 KiB',
      'virtual memory 33554432 KiB',
      'CUDA reserves far more addresses',
    ],
  },
  'MPS, a refusal': {
    text: `[2025-02-06 14:03:11.123 Control  4012] Starting control daemon using socket /tmp/nvidia-mps/control
[2025-02-06 14:03:12.001 Control  4012] Accepting connection...
[2025-02-06 14:03:12.002 Control  4012] NEW CLIENT 50712 from user 1000: Server already exists
[2025-02-06 14:03:12.130 Server   4020] New Client 50712 device access
[2025-02-06 14:05:12.130 Server   4020] Client 50712 fatal exception: out of memory
`,
    says: ['Process 50712 was refused GPU memory', 'MPS'],
  },
  'MPS, a fault': {
    text: `[2025-02-06 14:05:12.130 Server   4020] Received exception SIGNAL_CLIENT_ERROR from client 50712
[2025-02-06 14:05:12.130 Server   4020] Client 50712 encountered a fatal GPU error.
[2025-02-06 14:05:12.131 Server   4020] Server is handling a fatal GPU error.
[2025-02-06 14:05:12.131 Server   4020] status of client {50712, 1} is ACTIVE
[2025-02-06 14:05:12.131 Server   4020] status of client {41240, 1} is ACTIVE
`,
    says: ['Process 50712 failed on the GPU', 'ends every client'],
  },
};

test.each(Object.entries(rows))('%s', (_, row) => {
  expectAnswer(row);
});

test('whose memory a table is of', () => {
  const whose = (name: string) => explainText(rows[name]!.text, 'pasted', 2e12)!.whose;
  expect(['top', 'docker stats', 'ps aux'].map(whose)).toEqual(['host', 'host', 'host']);
  expect(['nvtop', 'amd-smi metric', 'MPS, a refusal'].map(whose)).toEqual(['GPU', 'GPU', 'GPU']);
  expect(['a full disk', 'ulimit -a', 'topo with NVLink'].map(whose)).toEqual([null, null, null]);
});

test.each([
  'A runner that ends by signal: killed, or by another, is restarted by the service.\n',
  'def close(buf):\n    buf.free(): int\n',
  'gateway: Server 12345] ready\n',
  '/dev/loop3   56M   56M     0 100% /snap/core18/2128\n',
  '\tGPU0\tCPU Affinity\tNUMA Affinity\nGPU0\t X \t0-63\t0\n',
])('an everyday text has no answer: %s', text => {
  expect(explainText(text, 'pasted', 2e12)).toBeNull();
});

test('rows of six numbers are no table of memory', () => {
  expect(explainText('scores: 1 2 3 4 5 6\nlosses: 6 5 4 3 2 1\n', 'pasted', 2e12)).toBeNull();
});

test('top in its largest unit', () => {
  const text =
    'TiB Mem :    1.500 total,    0.016 free,    1.484 used,    0.002 buff/cache\nTiB Swap:    0.000 total,    0.000 free,    0.000 used.    0.012 avail Mem\n';
  expect(explainText(text, 'pasted', 2e12)?.says).toMatch(
    /^The host has 1536 GiB of memory, and 12\.3 GiB is available/,
  );
});
