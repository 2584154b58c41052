/**
 * PyTorch's allocator configuration, as the environment gives it: `PYTORCH_ALLOC_CONF`, its older name for CUDA and the
 * one for ROCm. Which of several is read has changed between versions, so several that differ are a risk by themselves.
 */
import { hasExpandableSegments, parseAllocatorConf } from '../contract/index.ts';
import { type DoctorFinding, note, ok, risk } from './finding.ts';

const VARIABLES = ['PYTORCH_ALLOC_CONF', 'PYTORCH_CUDA_ALLOC_CONF', 'PYTORCH_HIP_ALLOC_CONF'] as const;
/** Options of any PyTorch up to 2.12; it refuses to start its allocator for one that it does not know. */
const OPTIONS = new Set([
  'backend',
  'expandable_segments',
  'garbage_collection_threshold',
  'graph_capture_record_stream_reuse',
  'large_segment_size_mb',
  'max_non_split_rounding_mb',
  'max_split_size_mb',
  'per_process_memory_fraction',
  'pinned_free_catch_all',
  'pinned_num_register_threads',
  'pinned_reserve_segment_size_mb',
  'pinned_use_background_threads',
  'pinned_use_cuda_host_register',
  'pinned_use_hip_host_register',
  'release_lock_on_cudamalloc',
  'release_lock_on_hipmalloc',
  'roundup_power2_divisions',
  'throw_on_cudamalloc_oom',
]);
const ASYNC = ['cudaMallocAsync', 'hipMallocAsync'];
/** Large segments hold 20 MiB: PyTorch takes no smaller bound for splitting, and 2.6 and older not this one. */
const LEAST_SPLIT_MB = 20;
/** The oldest that was seen to take it. */
const FIRST_WITH_LEAST_SPLIT = [2, 11];
const FIRST_WITH_GENERAL_NAME = [2, 9];

/**
 * @param torchVersion of the PyTorch that was found; null where none was.
 */
export function allocatorFindings(env: NodeJS.ProcessEnv, torchVersion: string | null): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (env.PYTORCH_NO_CUDA_MEMORY_CACHING)
    findings.push(
      risk(
        'allocator.no-caching',
        'PYTORCH_NO_CUDA_MEMORY_CACHING is set: every tensor is allocated from the device, which is slow, and pool use means nothing.',
        'Unset it, unless you are looking for a memory error.',
      ),
    );
  const set = VARIABLES.filter(name => (env[name] ?? '').trim() !== '');
  const [first] = set;
  if (first === undefined) {
    findings.push(ok('allocator.conf', 'The allocator has its defaults: no PYTORCH_ALLOC_CONF is set.'));
    return findings;
  }
  if (new Set(set.map(name => env[name]!.trim())).size > 1)
    findings.push(
      risk(
        'allocator.two-variables',
        `${set.map(name => `${name}=${env[name]}`).join(' and ')} differ, and which one is read depends on the version of PyTorch.`,
        'Set one of them; PYTORCH_CUDA_ALLOC_CONF is read by every version.',
      ),
    );
  if (set.length === 1 && first === 'PYTORCH_ALLOC_CONF' && isBefore(torchVersion, FIRST_WITH_GENERAL_NAME))
    findings.push(
      risk(
        'allocator.name-unknown',
        `PYTORCH_ALLOC_CONF is set, and PyTorch ${torchVersion} does not read it.`,
        'Set PYTORCH_CUDA_ALLOC_CONF instead.',
      ),
    );
  for (const name of set) findings.push(...confFindings(name, env[name]!, torchVersion));
  return findings;
}

function confFindings(name: string, text: string, torchVersion: string | null): DoctorFinding[] {
  const options = parseAllocatorConf(text);
  const findings: DoctorFinding[] = [];
  for (const key of options.keys())
    if (!OPTIONS.has(key))
      findings.push(
        risk(
          'allocator.unknown-option',
          `${name} has an option “${key}”: PyTorch stops with an error at its first use of the device.`,
          `Remove or correct it in ${name}=${text}.`,
        ),
      );
  const expandable = hasExpandableSegments(options);
  const split = options.get('max_split_size_mb');
  if (split !== undefined && !(Number(split) >= LEAST_SPLIT_MB))
    findings.push(
      risk(
        'allocator.split-too-small',
        `max_split_size_mb:${split} is below ${LEAST_SPLIT_MB}: PyTorch stops with an error.`,
        `Give more than ${LEAST_SPLIT_MB}, or remove it.`,
      ),
    );
  else if (
    Number(split) === LEAST_SPLIT_MB &&
    (torchVersion === null || isBefore(torchVersion, FIRST_WITH_LEAST_SPLIT))
  )
    findings.push(
      risk(
        'allocator.split-too-small',
        `max_split_size_mb:${split}: PyTorch 2.6 and older stops with an error, 2.11 and newer takes it.`,
        `Give more than ${LEAST_SPLIT_MB}, or remove it.`,
      ),
    );
  if (expandable && split !== undefined)
    findings.push(
      risk(
        'allocator.split-with-expandable',
        'max_split_size_mb together with expandable_segments:True can make reserved memory grow without bound (pytorch#123548).',
        `Remove max_split_size_mb from ${name}.`,
      ),
    );
  if (expandable)
    findings.push(
      note(
        'allocator.expandable',
        'Under expandable segments PyTorch reports no inactive_split: stranded cache stays unknown; fragmentation, 1 − peak active / peak reserved, is known.',
        'To see what is stranded, run once with expandable_segments:False.',
      ),
    );
  const backend = options.get('backend') ?? 'native';
  if (ASYNC.includes(backend))
    findings.push(
      risk(
        'allocator.async',
        `backend:${backend}: the driver's pool replaces PyTorch's, which leaves segments, inactive_split and retries at zero or unreported; pool use is the driver's.`,
        'Use backend:native where memory is to be understood.',
      ),
    );
  else if (backend !== 'native')
    findings.push(
      risk(
        'allocator.unknown-backend',
        `backend:${backend} is none that PyTorch has.`,
        'Use backend:native.',
      ),
    );
  const threshold = options.get('garbage_collection_threshold');
  if (threshold !== undefined && !(Number(threshold) > 0 && Number(threshold) < 1))
    findings.push(
      risk(
        'allocator.threshold-range',
        `garbage_collection_threshold:${threshold} is not between 0 and 1: PyTorch stops with an error.`,
        'Give a value such as 0.8, or remove it.',
      ),
    );
  if (findings.every(({ level }) => level === 'note'))
    findings.unshift(ok('allocator.conf', `${name}=${text}`));
  return findings;
}

function isBefore(version: string | null, [major, minor]: number[]): boolean {
  const parts = /^(\d+)\.(\d+)/.exec(version ?? '');
  if (parts === null) return false;
  const [ours, theirs] = [Number(parts[1]) * 1000 + Number(parts[2]), major! * 1000 + minor!];
  return ours < theirs;
}
