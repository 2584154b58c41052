/**
 * What programs other than the trainer print when a training ends: the kernel, schedulers, launchers, shells, the
 * watchdogs of collectives. One line → the ending it reports, with what it names.
 */
import type { Ending } from '../../contract/index.ts';
import { collectiveReaders } from './collectives.ts';
import { faultReaders } from './device-faults.ts';
import type { EndingReader } from './ending-reader.ts';
import { hostReaders } from './host.ts';
import { processReaders } from './processes.ts';
import { schedulerReaders } from './schedulers.ts';
import { TRANSLATED } from './signals.ts';

export { collectiveIn, joinedOfWatchdog, ranksWaitedForIn, restOfCollective } from './collectives.ts';
export { type Xid, xidsIn } from './device-faults.ts';
export { figuresOfHostMemory, oomKilledIn, workersKilled } from './host.ts';
export { isUnending } from './schedulers.ts';
export { signalName } from './signals.ts';

/** YOLOX prints them in a `finally`: an error that ends the training passes them as well, and its traceback may not be in the text. */
const IN_FINALLY = ['training of experiment is done'];

/** Words by which trainers report that they are done, whatever their format, in lower case. */
const LAST_WORDS = [
  ...IN_FINALLY,
  'training done',
  'training is done',
  'training complete',
  'training finished',
  'training has finished',
  'finished training',
  'done training',
  'finetuning complete',
  'fine-tuning complete',
  // py-faster-rcnn; Keras.
  'done solving',
  ': early stopping',
  // TabNet.
  'stop training because you reached max_epochs',
  // OpenPCDet.
  '**end training ',
  'train completed, best',
  'loss for final step',
  '***** train metrics *****',
  '`trainer.fit` stopped: `max_',
  'trainer.fit stopped: max_',
];

/**
 * Loops that stop where their environment counts as solved: `Environment solved in 691 episodes!`, `Solved! Running reward is now 476.3 and …`,
 * `Completed at episode: 109`.
 */
const SOLVED =
  /^\W{0,12}(?:(?:(?:the |your )?(?:environment|env|task|problem|game)|[A-Z][\w/]{1,60}-v\d{1,2}) (?:(?:was|is|has been) )?)?solved(?:!{1,3} (?:the )?running reward is now [\d.-]{1,20}|,? (?:in|after|at) (?:episode:? ?\d|\d[\d,]{0,12} (?:episodes|games|trials|iterations|epochs|steps|timesteps)\b))|^\W{0,12}completed at episode:? {1,4}\d/i;

/** The last words of torchvision's references, DeiT, MAE and their heirs: how long all of it took. */
const TRAINING_TIME =
  /^(?:\[[\d:.]{5,20}\] )?Training time:? (?:\d{1,4} days?, )?\d{1,3}:\d\d:\d\d(?:\.\d{1,6})?\s*$/;

/** LeRobot's and others', alone on a line: what is done "at the end of training" is not. */
const END_OF_TRAINING =
  /^\[train(?:ing)?\] (?:done|finished|complete[d]?)\b|(?:^|[\]:|>-] {0,3}|\d {1,3}|[^\w\s,;] )(?:the )?end of training[.!]{0,3}\W{0,8}$/i;

/** The same in Chinese, Japanese and Korean, where the line begins with it: an epoch's training is done, too. */
const DONE_ELSEWHERE =
  /(?:^|\b(?:INFO|WARNING)\b|[\]:|] )[^\p{L}\d]{0,12}(?:模型)?(?:(?:训练|訓練)(?:已|全部){0,2}(?:完成|结束|結束|完毕)|学習(?:が)?(?:完了|終了)|(?:학습|훈련)(?:이)? ?(?:완료|종료))/u;
const ELSEWHERE = ['训练', '訓練', '学習', '학습', '훈련'];

/** `Early stopping!`, `Early stopping occurred at epoch 5`, `EarlyStopping counter: 7 out of 7`; none of its settings, and no counter below its end. */
const STOPPED_EARLY =
  /\bearly[ -]?stop(?:ping|ped)?(?:(?:,? (?:has been|was|is|condition|criterion))?,? (?:triggered|occurred|activated|reached|met|satisfied)\b|,? (?:at|after|in|on) (?:the )?(?:epoch|step|iteration|round|episode)s?\b|,? (?:at|after) \d|\W{0,8}$| counter: (\d{1,6}) out of \1\b)/i;
const EARLY = ['early stop', 'early-stop', 'earlystop'];

/** Every line that reports an ending, and every trainer's last words, has one of these; case is no matter. */
export const endingWords: readonly string[] = [
  ...LAST_WORDS,
  ...EARLY,
  'training time',
  'end of training',
  '[train] ',
  '[training] ',
  ...ELSEWHERE,
  'solved',
  ' error)',
  'trial status: ',
  // Without the first letter, whose case is no matter.
  ...Object.keys(TRANSLATED).map(word => word.slice(1).toLowerCase()),
  // biome-ignore format: one a program
  ...[
    'killed', 'kill process', 'oom-kill', 'oom_kill', 'oom_reaper', 'sending sig', 'sigkill', 'sigterm', 'sigsegv', 'sigabrt', 'sigbus', 'sighup', 'received sigint',
    'cancelled', 'canceled', 'out of memory', 'out_of_me', 'node fail', 'node failure', 'due to node', 'exceeded memory limit', 'exceeded job memory', 'exceeded step memory', 'preempted',
    'wtermsig', 'time limit exhausted', 'oom failure', 'failed node', 'failure of node', 'timeout  ', 'state: timeout', 'node_fail',
    'exitcode', 'exit code', 'return code', 'non-zero', 'exited (', 'exited with ', 'exit status', 'on signal ', 'by signal', 'got signal', 'death signal', 'with signal', 'closing signal',
    'terminated', 'segmentation fault', 'bus error', 'core dumped', 'floating point exc', 'illegal instruction', ':root:kernel ', 'abort', 'hangup', 'code=killed', 'floating-point exc',
    'low on resource', 'low on memory', 'memory on the node', 'memory low at node', 'memory pressure', 'memory budget', 'memory resource limit', 'walltime limit', 'worker process has died', 'pod memory limits', 'oomkilled', 'deadlineexceeded', 'specified deadline', 'container killed',
    'failcnt', 'pages_may_oom', 'pressure]', 'ephemeral', 'emptydir volume', 'memory utilized', 'memory efficiency', 'system oom', 'container oom', 'oom event', 'oom-killed', 'horovod has been', ' signal: ', 'out-of-memory', 'cgroup_out_of', 'more memory than is available', 'taskoom', 'max memory :', 'requested memory :', 'resources_used.', 'req_information.total_swap', 'limits:', 'requests:', 'memory:  ', '"memory": ', 'reason:', 'died through signal', 'oom-killer', 'completed', ' succeeded',
    'watchdog hang', 'watchdog got stuck', 'monitor timed out', 'watchdog caught', 'timeout at nccl work', 'worknccl(', 'detected by watchdog', 'before timing out', 'seqnum=', 'optype=', 'collective timeout', 'killing subprocess', 'sxid (', 'nccl work: ', 'timed out waiting', 'timed out after', 'wait timeout', 'socket timeout', 'rendezvoustimeoute', 'rendezvousconnectione', 'store->get', 'ncclremoteerror', 'remote process exited', 'by peer [', 'gloo/transport', 'rendezvousclosede', 'connectfullmesh', 'register times out', 'fftsplus task', 'getting socket', 'error_get_socket',
    'nvrm: xid', 'gsp timeout', 'heartbeat timed out', 'waiting for rpc', '"oom killed"', 'root cause (first', 'the nvidia gpu ', 'gpu is lost', 'fallen off the bus', 'walltime', 'job killed: ', 'term_', 'wallclock time', 'over memory limit',
    'oomd', 'is used (', '(local_rank: ', '  time      : 20', 'appears to have died', 'crashed while executing', 'kernel restarting', 'kernel has died', 'using all available ram', 'session crashed',
  ],
];

const LONGEST = 600;

/** In the order in which they are tried: the most telling first. */
const readers: readonly EndingReader[] = [
  ...hostReaders,
  ...faultReaders,
  ...schedulerReaders,
  ...collectiveReaders,
  ...processReaders,
];

/** The ending that a line reports; null for none. Time is linear in the line. */
export function readEnding(line: string): Ending | null {
  const lower = line.toLowerCase();
  if (!endingWords.some(word => lower.includes(word))) return null;
  for (const reader of readers) {
    const ending = reader(line);
    if (ending !== null)
      return {
        ...ending,
        evidence: line
          .trim()
          .replace(/[ \t]{24,}/g, ' ')
          .slice(0, LONGEST),
      };
  }
  return null;
}

/** Whether the line is Ray Tune's account of its trials, and none of them is left: `Number of trials: 4/4 (4 TERMINATED)`. */
export const isTuneDone = (line: string): boolean =>
  /^(?:Number of trials: (\d{1,6})(?:\/\1)? \(\1 TERMINATED\)|Trial status: \d{1,6} TERMINATED)\s*$/.test(
    line.slice(0, 400),
  );

/** Whether last words are printed however the training ended. */
export const isInFinally = (line: string): boolean => {
  const lower = line.slice(0, 400).toLowerCase();
  return IN_FINALLY.some(words => lower.includes(words));
};

/** In front of such words where somebody writes of when something happened: `I got an error after the training finished`. */
const SPOKEN =
  /\b(?:after|before|when|once|until|till|if|unless|though|although|while|because|since|as) {1,4}(?:(?:the|my|our|all|whole|first|its) {1,4}){0,3}$/;

/** Whether the line is a trainer's last word, whatever its format. */
export function isLastWords(line: string): boolean {
  const lower = line.slice(0, 400).toLowerCase();
  // Of a job that was submitted to Ray.
  if (/^Job '[\w-]{1,80}' succeeded\s*$/.test(line)) return true;
  if (TRAINING_TIME.test(line.slice(0, 400)) || END_OF_TRAINING.test(line.slice(0, 400))) return true;
  if (isTuneDone(line) || SOLVED.test(line.slice(0, 400))) return true;
  if (EARLY.some(word => lower.includes(word)) && STOPPED_EARLY.test(line.slice(0, 400))) return true;
  if (ELSEWHERE.some(word => lower.includes(word)) && DONE_ELSEWHERE.test(line.slice(0, 400))) return true;
  // Slurm's accounting: sacct's row of a job, seff's state.
  if (/\sCOMPLETED\s{1,40}0:0\s*$|^State: COMPLETED \(exit code 0\)/.test(line.slice(0, 400))) return true;
  return (
    LAST_WORDS.some(words => lower.includes(words) && !SPOKEN.test(lower.slice(0, lower.indexOf(words)))) &&
    !/\bnot (?:yet )?(?:done|complete|finished)|incomplete|blew up|%/.test(lower)
  );
}
