/** What happens to a log before anyone reads it: launchers and loggers put words before its lines, and mix the lines of ranks. */

/** Numbers from 0 to 1, the same for a seed. */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What stands before a line: by its rank, and a moment that goes on from line to line. */
type Prefix = (rank: number, at: Date) => string;
const clock = (at: Date) => at.toISOString().slice(11, 19);
const day = (at: Date) => at.toISOString().slice(0, 10);
const milli = (at: Date) => at.toISOString().slice(20, 23);
const monthDay = (at: Date) => at.toISOString().slice(5, 10);

/** In the shape that launchers, container runtimes and loggers give them. */
export const prefixes: Readonly<Record<string, Prefix>> = {
  torchrun: rank => `[rank${rank}]: `,
  'torchrun --tee': rank => `[default${rank}]:`,
  srun: rank => `${rank}: `,
  'srun, of many': rank => `${`${rank}`.padStart(3)}: `,
  mpirun: rank => `[1,${rank}]<stderr>:`,
  'SageMaker’s mpirun': rank => `[1,mpirank:${rank},algo-1]<stdout>:`,
  Ray: rank => `(Worker pid=${4000 + rank}) `,
  'Ray, another node': rank => `(WorkerDict pid=${4000 + rank}, ip=10.0.0.${rank}) `,
  'Ray, in colour': rank => `\x1b[36m(TaskRunner pid=${4000 + rank})\x1b[0m `,
  compose: rank => `trainer-${rank}  | `,
  kubectl: rank => `[pod/train-${rank}/worker] `,
  'kubectl --timestamps': (_, at) => `${at.toISOString().slice(0, -1)}456789Z `,
  pdsh: rank => `node${rank + 10}: `,
  journal: (rank, at) =>
    `Jan ${String(at.getUTCDate()).padStart(2)} ${clock(at)} node${rank} python[${4242 + rank}]: `,
  'a time': (_, at) => `${day(at)} ${clock(at)} `,
  'a time in brackets': (_, at) => `[${day(at)} ${clock(at)}] `,
  'a clock': (_, at) => `[${clock(at)}] `,
  logging: (_, at) => `${day(at)} ${clock(at)},${milli(at)} - trainer - INFO - `,
  'logging, basic': () => 'INFO:__main__:',
  hydra: (_, at) => `[${day(at)} ${clock(at)},${milli(at)}][train][INFO] - `,
  loguru: (_, at) => `${day(at)} ${clock(at)}.${milli(at)} | INFO     | train:main:45 - `,
  vLLM: (_, at) => `INFO ${monthDay(at)} ${clock(at)} worker.py:219] `,
  glog: (rank, at) =>
    `I${monthDay(at).replace('-', '')} ${clock(at)}.${milli(at)}789 ${14000 + rank} trainer.py:55] `,
  'DeepSpeed’s runner': (_, at) => `[${day(at)} ${clock(at)},${milli(at)}] [INFO] [logging.py:128:log_dist] `,
  'grep -n': rank => `${rank + 12}:`,
  quoted: () => '> ',
  indented: () => '    ',
  SUBPROCESS: () => 'SUBPROCESS: ',
};

const START = Date.UTC(2026, 0, 2, 9, 59, 58);

/** Each line with the prefix before it. */
export function prefixed(text: string, prefix: Prefix, random: () => number): string {
  const rank = Math.floor(random() * 8);
  let ms = START + Math.floor(random() * 1e9);
  return text.replace(/^/gm, () => {
    ms += Math.floor(random() * 3000);
    return prefix(rank, new Date(ms));
  });
}

/** The lines of two ranks, each in its order, as they come. */
export function mixed(text: string, prefix: Prefix, random: () => number): string {
  const rank = Math.floor(random() * 7);
  const [a, b] = [rank, rank + 1].map(own => prefixed(text, (_, at) => prefix(own, at), random).split('\n'));
  const lines: string[] = [];
  while (a!.length > 0 && b!.length > 0) lines.push(...(random() < 0.5 ? a! : b!).splice(0, 1));
  return [...lines, ...a!, ...b!].join('\n');
}
