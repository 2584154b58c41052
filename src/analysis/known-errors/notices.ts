/** Warnings that are often taken for the failure, and words of programs that refuse to start: the answer only where a text has nothing else. */
import { type Known, worded } from './known-error.ts';

const DELETE_POD =
  'Delete the pod: one that was refused is not tried again. A new one may go to another node.';
const ALLOCATE_FAILED = {
  pattern: /Allocate failed due to ([^\n]{5,300}?)(?:, which is unexpected|$)/m,
  says: 'Its words:',
};

export const notices: readonly Known[] = [
  {
    words: ['overflow - please increase n'],
    says: 'No shortage of memory: MuJoCo Warp’s buffers of a fixed size were too small for a step, and it left out what had no room, contacts or constraints. The program goes on; its physics is wrong from there.',
    next: [
      'Give more room where its data are made (put_data, make_data; nconmax and njmax in a task’s settings): at least what the line asks for, with some to spare, for a moving robot has more contacts than a resting one. Each environment then takes more of the device.',
    ],
    named: { pattern: /overflow - please increase (n[^\n]{3,80})/, says: 'It asks for:' },
  },
  {
    words: ['huggingface/tokenizers: the current process just got forked'],
    says: 'No failure: the tokenizers library was used before the process was forked (mostly by a DataLoader with workers), and turns its own threads off so that nothing hangs.',
    next: [
      'TOKENIZERS_PARALLELISM=false before the program starts avoids the warning. Where the program then ends or hangs, the cause is in other lines.',
    ],
  },
  {
    words: ['skipping registering gpu devices'],
    says: 'No failure of its own: TensorFlow did not find libraries of CUDA that it needs, leaves the GPU alone and goes on with the CPU, slowly.',
    next: [
      'Install TensorFlow with its CUDA (python -m pip install "tensorflow[and-cuda]"), or the versions of CUDA and cuDNN that this TensorFlow was built with, and put them into LD_LIBRARY_PATH.',
    ],
    named: { pattern: /Could not load dynamic library '([\w.]{3,60})'/, says: 'The first library:' },
  },
  {
    words: ['failed call to cuinit'],
    says: 'TensorFlow could not reach NVIDIA’s driver, leaves the GPU alone and goes on with the CPU. That is no lack of memory.',
    next: ['Look at nvidia-smi where it runs, and at CUDA_VISIBLE_DEVICES; a container needs --gpus all.'],
    named: { pattern: /failed call to cuInit: ([^\n]{5,200})/, says: 'Its words:' },
  },
  {
    words: ['jax', 'falling back to cpu'],
    says: 'No failure of its own: JAX is installed without CUDA, or finds no GPU, and goes on with the CPU, slowly.',
    next: ['Install jax[cuda12] in one step; look at nvidia-smi and CUDA_VISIBLE_DEVICES where it runs.'],
  },
  {
    words: ['token indices sequence length is longer'],
    says: 'No failure yet: a text has more tokens than the model takes. Where it reaches the model uncut, an index runs beyond its positions.',
    next: ['Cut texts as they are tokenised: truncation=True, max_length; or split them.'],
    named: { pattern: /\((\d{1,9} > \d{1,9})\)/, says: 'Tokens:' },
  },
  {
    words: ['input ran out of data; interrupting training'],
    says: 'Keras ended the training before its time, since the data did: no failure of memory.',
    next: [
      'Let the data repeat (dataset.repeat()), or leave steps_per_epoch out: then it is what the data have.',
    ],
  },
  ...worded(
    {
      says: 'The program did not start: it was given an argument that it does not know, or not one that it needs.',
      next: ['Compare with its --help: the version that is installed, and the spelling.'],
      named: { pattern: /error: ([^\n]{5,300})/, says: 'Its words:' },
    },
    ': error: unrecognized arguments',
    ': error: the following arguments are required',
    [': error: argument', 'invalid'],
  ),
  ...worded(
    {
      says: 'The program did not start: its configuration (Hydra) has no such setting.',
      next: ['Look at the spelling; +name=value adds one that is not there, ++name=value either way.'],
      named: { pattern: /Could not override '([^'\n]{1,200})'/, says: 'The setting:' },
    },
    ['could not override', 'not in struct'],
  ),
  ...worded(
    {
      says: 'The job did not start: MPI was asked for more processes than it has places for.',
      next: ['Name the hosts and their slots (--hostfile), start fewer, or mpirun --oversubscribe.'],
    },
    'not enough slots available',
  ),
  ...worded(
    {
      says: 'The job did not start: Slurm did not take it, since it asks for what the partition does not have, or for more than the account may.',
      next: [
        'Compare with sinfo -o "%P %G %m %l" (GPUs, memory, time of each partition) and sacctmgr show assoc user=$USER: ask for fewer GPUs, less memory or time.',
      ],
      named: { pattern: /(?:submission|allocation) failed: ([^\n]{5,200})/, says: 'Its words:' },
    },
    ['error:', 'job submission failed'],
    ['error:', 'job allocation failed'],
    ['error:', 'unable to allocate resources'],
  ),
  {
    words: ['failedscheduling', 'nodes are available'],
    says: 'The pod did not start: no node has what it asks for. That is no failure of memory while it ran.',
    next: [
      'kubectl describe node shows what is free: ask for fewer GPUs or less memory, wait, or look at taints and selectors.',
    ],
    named: { pattern: /(\d{1,6}\/\d{1,6} nodes are available: [^\n]{5,300}?)\.(?:\s|$)/, says: 'The event:' },
  },
  ...worded(
    {
      says: 'The pod did not start: its node refused it, which has less free than the pod asks for. That is no failure of memory while it ran.',
      next: [
        'kubectl describe node shows what it has and which pods hold it; a new pod may go to another node.',
        'Where GPUs are missing though no pod holds them, look at the device plugin’s log: it was restarted, or a GPU is unhealthy.',
      ],
      named: {
        pattern:
          /(requested number of devices unavailable for [^\n,]{3,120}(?:, Available: \d{1,6})?|didn't have enough resource: [^\n]{3,120})/,
        says: 'Its words:',
      },
    },
    'requested number of devices unavailable for ',
    "node didn't have enough resource: ",
  ),
  ...worded(
    {
      says: 'No failure of its own: the store that the ranks share is gone, since the process that kept it (rank 0, or torchrun) has ended, as it does at the end of a training, too.',
      next: [
        'Where the training had not ended, look at the output of rank 0 and of torchrun above it: what ended first has the cause.',
      ],
      confidence: 'likely',
    },
    'maybe tcpstore server has shut down',
    ['tcpstore', 'sendbytes failed'],
    ['tcpstore', 'recvvalue failed'],
  ),
  ...worded(
    {
      says: 'The pod did not start: a GPU of its node is lost, as the driver reports to the device plugin. Nothing of the pod ran, and it is no failure of memory.',
      next: [
        'Take the node out of use (kubectl cordon), look at nvidia-smi and dmesg there, and reset or restart it.',
        DELETE_POD,
      ],
      named: ALLOCATE_FAILED,
    },
    ['allocate failed due to ', 'gpu is lost'],
  ),
  ...worded(
    {
      says: 'The pod did not start: the device plugin of its node failed as it was to hand out the devices. Nothing of the pod ran, and it is no failure of memory.',
      next: [
        'Look at the device plugin’s log, and on the node at nvidia-smi and dmesg: the plugin was restarted, or a GPU is unhealthy or no longer there.',
        DELETE_POD,
      ],
      named: ALLOCATE_FAILED,
    },
    'allocate failed due to ',
    ['unexpectedadmissionerror', 'device plugin'],
  ),
  ...worded(
    {
      says: 'No failure: gradient checkpointing and a cache for generation exclude each other in training, so the cache is turned off.',
      next: ['model.config.use_cache = False avoids the warning.'],
    },
    '`use_cache=true` is incompatible with gradient checkpointing',
  ),
];
