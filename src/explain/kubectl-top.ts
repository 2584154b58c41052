/** What `kubectl top` shows: the host’s memory that pods or nodes have in use. Limits are not in it; of a node its share is. */
import { amount, printedBytes } from '../base/index.ts';
import type { Answer } from './answer.ts';

const HEAD =
  /^(?:NAMESPACE\s{1,60})?(?:POD\s{1,60})?NAME\s{1,80}CPU\(cores\)\s{1,20}(?:CPU%\s{1,20})?MEMORY\(bytes\)/m;
const ROW =
  /^(?:\S{1,80}\s{1,60}){0,2}?(\S{1,200})\s{1,80}\d{1,9}m?\s{1,20}(?:\d{1,5}%\s{1,20})?(\d{1,12}[KMGT]i)(?:\s{1,20}(\d{1,4})%)?\s*$/;
/** Share of a node’s memory above which the kubelet begins to evict. */
const FULL = 90;
const MOST_ROWS = 5;

/** null where the text has no such table. */
export function readKubectlTop(text: string): Answer | null {
  if (!HEAD.test(text)) return null;
  const rows = text
    .split('\n')
    .flatMap(line => {
      const [, name, held, percent] = ROW.exec(line) ?? [];
      return name === undefined
        ? []
        : [{ name, held: printedBytes(held!) ?? 0, percent: percent === undefined ? null : Number(percent) }];
    })
    .sort((a, b) => b.held - a.held);
  const [first] = rows;
  if (first === undefined) return null;
  const full = rows.find(({ percent }) => (percent ?? 0) >= FULL);
  const worst = full ?? first;
  return {
    what: 'what kubectl top shows',
    whose: 'host',
    state: null,
    confidence: 'certain',
    says: `${worst.name} uses ${amount(worst.held)} of the host’s memory${
      worst.percent === null
        ? '; what it may use, its limit, is not in the table, nor is any GPU’s memory'
        : `, ${worst.percent}% of what the node has for pods${full === undefined ? ': it is not short of it' : ': Kubernetes evicts or kills there first what is above its request'}`
    }.`,
    evidence: rows
      .slice(0, MOST_ROWS)
      .map(
        ({ name, held, percent }) => `${name}: ${amount(held)}${percent === null ? '' : ` (${percent}%)`}.`,
      ),
    next:
      worst.percent === null
        ? [
            'kubectl describe pod has its limit, and whether it was killed before (Last State, OOMKilled). The figure is sampled: a short peak is not in it.',
          ]
        : full === undefined
          ? []
          : [
              'Move pods to another node, or set their requests to what they use: kubectl top pod -A --sort-by=memory.',
            ],
  };
}
