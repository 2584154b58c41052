/** Several ranks of a job that were refused on a device of the same number: is it one device, and are they its neighbours? */
import type { TextFinding } from '../analysis/index.ts';

/** `[rank3]: … out of memory … GPU 0 …`, `3: …` of srun, `(WorkerDict pid=71) …`: who, and the text of the refusal. */
const REFUSED =
  /^.{0,80}?(?:\[rank(\d{1,6})\]|\b\w{1,40} pid=(\d{1,10})|^ {0,6}(\d{1,6}): |^\[\d{1,6},(\d{1,6})\]).{0,200}out of memory\. ?Tried to allocate.{0,80}?\bGPU (\d{1,3})\b(.{0,2000})$/gim;
const LISTED = /\bProcess (\d{1,10}) has /g;

/** Others on a device, where ranks of the job may be the others. */
export function withRanksOnOne(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'others') return finding;
  const byRank = new Map<string, { gpu: string; listed: string[] }>();
  for (const [, rank, pid, label, mpi, gpu, rest] of text.matchAll(REFUSED))
    byRank.set(rank ?? label ?? mpi ?? `process ${pid}`, {
      gpu: gpu!,
      listed: [...rest!.matchAll(LISTED)].map(listed => listed[1]!),
    });
  const refused = [...byRank.values()];
  const [first] = refused;
  if (first === undefined || refused.length < 2 || refused.some(({ gpu }) => gpu !== first.gpu))
    return finding;
  const common = first.listed.filter(pid => refused.every(({ listed }) => listed.includes(pid)));
  const isOne = common.length > 1;
  const isApart = refused.every(
    ({ listed }, at) =>
      listed.length > 0 &&
      refused.every((other, i) => i === at || !other.listed.some(pid => listed.includes(pid))),
  );
  if (isApart) return finding;
  const who = `${refused.length} ranks of the job were refused on a device that each of them calls GPU ${first.gpu}`;
  return {
    ...finding,
    confidence: isOne ? 'likely' : 'possible',
    says: isOne
      ? `${who}, and their texts list the same processes there: it is one device, and the ranks are each other’s neighbours. ${finding.says}`
      : `${who}. On one machine that sees all devices, they share it and are each other’s neighbours; where each sees but its own (CUDA_VISIBLE_DEVICES, Ray) or is on another machine, these are different devices. ${finding.says}`,
    next: [
      'Give each rank its own device before anything touches CUDA: torch.cuda.set_device(local_rank); look at CUDA_VISIBLE_DEVICES and LOCAL_RANK of each.',
      ...finding.next,
    ],
  };
}
