/** Errors of files, checkpoints, servers and ports. Only an error’s own text counts. */
import { worded } from './known-error.ts';

/** Before those of drivers: a checkpoint of a GPU that is not there names CUDA too. */
export const checkpoints = [
  ...worded(
    {
      says: 'Not about memory: the checkpoint does not fit the model or the optimizer that it is loaded into.',
      next: [
        'Build the model with the settings that the checkpoint was made with (number of classes, vocabulary, sizes, parameters that are trained), or leave out what does not fit (strict=False passes over names, not sizes).',
      ],
      named: {
        pattern:
          /(size mismatch for [\w.]{1,200}: [^\n]{1,300}?|(?:Missing|Unexpected) key\(s\) in state_dict: [^\n]{1,300}?)\.?\s{0,4}(?:\n|$)/,
        says: 'The first:',
      },
    },
    'loading state_dict',
    'size mismatch for',
    "doesn't match the size of optimizer's group",
    "parameter group that doesn't match",
    'different number of parameter groups',
  ),
  ...worded(
    {
      says: 'Not about memory: the file holds more than tensors, which torch.load refuses since version 2.6 unless its caller trusts the file.',
      next: [
        'Where you trust the file: torch.load(…, weights_only=False), or torch.serialization.add_safe_globals.',
      ],
    },
    'weights only load failed',
  ),
  ...worded(
    {
      says: 'Not about memory: a checkpoint of a GPU is loaded where that GPU is not.',
      next: ['Load it with map_location="cpu", or onto a device that there is.'],
    },
    'attempting to deserialize object on',
  ),
  ...worded(
    {
      says: 'Not about memory: a file could not be read: it is damaged, cut off, or not of the format that was expected.',
      next: [
        'Compare its size with the original’s, and load or save it again; a file of a few hundred bytes is often a pointer of Git LFS, or a page that reports an error.',
      ],
    },
    'pytorchstreamreader failed',
    'invalid load key',
    'failed finding central directory',
    'headertoolarge',
    'headertoosmall',
    'metadataincompletebuffer',
    'invalidheaderdeserialization',
    'incomplete metadata',
    'ran out of input',
    'unpicklingerror',
    'cannot identify image file',
    'image file is truncated',
    'badzipfile',
    'not a gzipped file',
    'parquet magic bytes not found',
  ),
];

const servers = [
  ...worded(
    {
      says: 'Not about memory: what was read as JSON is none: a file that is empty, cut off or a pointer of Git LFS, or what a server or a model answered.',
      next: ['Print what was read, its first 200 characters, right before that line.'],
    },
    'jsondecodeerror',
  ),
  ...worded(
    {
      says: 'Not about memory: the server refused more requests for now (429).',
      next: [
        'Wait and ask less often. Of the Hugging Face Hub: log in (HF_TOKEN), load the files once, and share the cache between ranks and jobs.',
      ],
    },
    '429 client error',
    'too many requests',
    'rate limit',
  ),
  ...worded(
    {
      says: 'Not about memory: W&B does not let the process in: no key is set where it runs, or the key’s account may not write to that project.',
      next: [
        'wandb login, or WANDB_API_KEY, where it runs; look at WANDB_ENTITY and the project’s name. WANDB_MODE=offline goes on without it.',
      ],
    },
    'api_key not configured',
    ['wandb', 'have permission'],
    ['wandb', 'permission denied, ask'],
    ['commerror', 'permission'],
    ['commerror', 'api key'],
  ),
  ...worded(
    {
      says: 'Not about memory: the repository or file is not there, or not for this account.',
      next: [
        'Look at its name and revision; for a private or gated one of the Hugging Face Hub log in (HF_TOKEN) with an account that has accepted its terms. A local folder has to exist where the program runs.',
      ],
    },
    'gated repo',
    '401 client error',
    '403 client error',
    '403 forbidden',
    '404 client error',
    'repository not found',
    'is not a local folder and is not a valid model identifier',
    'hfvalidationerror',
    'does not appear to have a file named',
  ),
  ...worded(
    {
      says: 'Not about memory: a server answered with an error of its own.',
      next: ['Try again later; the files that are loaded already stay in the cache.'],
    },
    '500 server error',
    '502 server error',
    '503 server error',
    '504 server error',
  ),
  ...worded(
    {
      says: 'Not about memory: a file is not in the cache, and the program’s settings keep it from fetching any (HF_HUB_OFFLINE, local_files_only).',
      next: [
        'Load it once where the machine is on the network, into the same HF_HOME; or unset HF_HUB_OFFLINE and leave local_files_only out.',
      ],
    },
    'outgoing traffic has been disabled',
    'offline mode is enabled',
  ),
  ...worded(
    {
      says: 'Not about memory: a server could not be reached, or did not answer in time.',
      next: [
        'Look whether the machine reaches the address (proxy, DNS, firewall, certificates); where it cannot, load the files beforehand and use a local path or HF_HUB_OFFLINE=1.',
      ],
    },
    "couldn't connect to",
    'max retries exceeded',
    'name resolution',
    'name or service not known',
    'getaddrinfo failed',
    'network is unreachable',
    'read timed out',
    'connecttimeout',
    'certificate_verify_failed',
    'localentrynotfounderror',
  ),
  ...worded(
    {
      says: 'Not about memory: another program uses the port already: mostly a training that still runs, or one that did not end.',
      next: [
        'Take another port (--master_port, MASTER_PORT, --rdzv-endpoint; 0 takes a free one), or end the other program (ss -ltnp shows it).',
      ],
    },
    'eaddrinuse',
    'address already in use',
    'only one usage of each socket address',
  ),
  ...worded(
    {
      says: 'Not about memory: the other side of a connection does not answer, ended, or was restarted.',
      next: ['Look whether the other side runs, at its host name and port, and at its output of that time.'],
      confidence: 'likely',
    },
    'connection refused',
    'connection reset by peer',
    'connection closed by peer',
    'broken pipe',
  ),
];

const paths = [
  ...worded(
    {
      says: 'Not about memory: a file or folder is not where the program looks for it.',
      next: ['Look at the path, and at the folder that the program was started from.'],
      named: { pattern: /No such file or directory: (b?['"][^'"\n]{1,300}['"])/i, says: 'The path:' },
    },
    'no such file or directory',
    'filenotfounderror',
    ...['file', 'path', 'director', 'folder', '/'].map(place => [place, 'does not exist']),
  ),
  ...worded(
    {
      says: 'Not about memory: the process may not read or write a file or a device.',
      next: ['Look at the owner and rights of the path (ls -l), and as whom the process runs.'],
      named: { pattern: /Permission denied: (['"][^'"\n]{1,300}['"])/i, says: 'The path:' },
    },
    'permission denied',
    'permissionerror',
    'read-only file system',
  ),
  ...worded(
    {
      says: 'Not about memory: the disk or its quota is full.',
      next: [
        'Look at df -h and quota -s; keep fewer checkpoints, or write elsewhere (the output folder, HF_HOME, TMPDIR).',
      ],
    },
    'disk quota exceeded',
    'file write failed',
  ),
];

export const files = [...servers, ...paths];
