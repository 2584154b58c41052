/** A refusal by the driver where a process may touch its device for the first time. */
import type { TextFinding } from './text-finding.ts';

/** The calls, in the frames of a traceback: `barrier()`, `model.to(device)`. */
const FIRST_USE =
  /\b(barrier|set_device|init_process_group|_lazy_init)\(|(\.cuda\(|\.to\(["'(]?(?:cuda|device|rank|local_rank|gpu))/;
/** The innermost frame alone, as a place names it. */
const AT_PLACE = /, in (barrier|set_device|init_process_group|_lazy_init)\)?$/;
/** Characters of the last frames in front of an error. */
const FRAMES = 800;
const BY_DRIVER = /^.{0,80}?\[rank(\d{1,6})\].{0,200}(?:CUDA|HIP) error: out of memory/gim;

const OWN_DEVICE =
  'With several processes, give each its own device before anything touches CUDA: torch.cuda.set_device(local_rank), by LOCAL_RANK and not RANK; look at CUDA_VISIBLE_DEVICES of each.';

const refusedAt = (call: string): string =>
  `It was refused at ${call}(), where a process may touch its device for the first time.`;

/** By the place that raised it. */
export function withFirstUseAt(finding: TextFinding, place: string | null | undefined): TextFinding {
  const call = finding.mark === 'driver' ? AT_PLACE.exec(place ?? '')?.[1] : undefined;
  return call === undefined
    ? finding
    : {
        ...finding,
        isFirstUse: true,
        says: `${refusedAt(call)} ${finding.says}`,
        next: [OWN_DEVICE, ...finding.next],
      };
}

/** By the frames of a text, where ranks were refused alike or something touched the device for the first time. */
export function withFirstUse(finding: TextFinding, text: string): TextFinding {
  if (finding.mark !== 'driver') return finding;
  const ranks = new Set([...text.matchAll(BY_DRIVER)].map(([, rank]) => rank)).size;
  const alike = ranks > 1 ? `${ranks} ranks were refused alike. ` : '';
  if (finding.isFirstUse) return { ...finding, says: `${alike}${finding.says}` };
  const at = text.search(/(?:CUDA|HIP) error: out of memory/i);
  const use = FIRST_USE.exec(text.slice(Math.max(0, at - FRAMES), Math.max(0, at)));
  if (use === null && ranks < 2) return finding;
  const call = use === null ? null : (use[1] ?? (use[2]!.startsWith('.cuda') ? '.cuda' : '.to'));
  return {
    ...finding,
    says: `${alike}${call === null ? '' : `${refusedAt(call)} `}${finding.says}`,
    next: [OWN_DEVICE, ...finding.next],
  };
}
