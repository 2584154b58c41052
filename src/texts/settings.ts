/** Settings that a text shows beside an error, in a command, a file of settings or a sentence: what is set already is no advice. */

export interface Settings {
  /** Whether each batch of a training that the text names is of one sample. */
  isBatchOfOne: boolean;
  /** Whether it simulates one environment. */
  isOneEnvironment: boolean;
  /** The largest share of the device that an engine was given (vLLM, SGLang); null where the text has none. */
  engineShare: number | null;
  /** What diffusers keeps on the host already. */
  offloads: 'model' | 'layers' | null;
  /** Whether PyTorch prints the limit of a process, and it is all that a number can hold: none was set. */
  isUnbounded: boolean;
  /** Whether PyTorch’s limit on Metal was taken away, or the text has it so. */
  isMetalUnbounded: boolean;
  /** Whether PyTorch’s allocator can join its pieces already. */
  joinsPieces: boolean;
}

/** `--per_device_train_batch_size 1`, `'--batch_size', '1'`, `batch_size: 1`, `Instantaneous batch size per device = 1`, `a batch size of 1`, `batch_size in yaml from 2 to 1`. */
const BATCH =
  /(?<![\w-])(?:--?)?((?:\w{1,40}[_-])?(?:batch[_ -]?size|batchsize|bsz)(?:[_-]\w{1,30})?)(?: per (?:device|GPU))?(?: \/ [^:=\n]{1,30})?["']?(?:\s{0,3}[:=]\s{0,3}|,\s{0,3}|(?: in \w{1,20})? from \d{1,5} to |\s{1,3}(?:(?:of|to|is|was) )?|\s{0,2}已?经?(?:设置?|改|调)?(?:成|为|到|是)了?\s{0,2})["']?(\d{1,7})(?!\w|\.\d|,\s?\d)/gi;
/** Of other batches: of an evaluation, of all devices together. */
const OTHER_BATCH = /eval|valid|val_|test|infer|global|total|effective/i;
/** Somebody’s advice, in front of it. */
const ADVISED =
  /\b(?:try|reduce|reducing|lower|lowering|decrease|decreasing|setting|use|using|should|could|can|please|maybe|(?<!\b(?:I|we|have|already|even) )set)\b[^\n.]{0,40}$|(?:建议|试试|可以|不妨|尝试)[^\n。]{0,20}$/i;
const WORKS = /\b(?:works?|worked|runs?|ran|goes|went|fits?|fine|okay|possible|trains?)\b/i;
const WORKS_WITH =
  /\b(?:works?|worked|runs?|ran|goes|went|fits?|fine|okay|only|possible) (?:\w{1,12} ){0,2}$/i;
const ENVIRONMENTS =
  /(?<![\w-])(?:--)?(?:num_envs|numEnvs|n_envs|num-envs)["']?(?:\s{0,3}[:=]\s{0,3}|\s{1,3}(?:(?:of|to|is) )?)(\d{1,7})(?!\w|\.\d)/gi;
const SHARE =
  /\b(?:gpu[-_]memory[-_]utilization|mem[-_]fraction[-_]static)["'`]?(?:\s{0,3}[:=]\s{0,3}|,\s{0,3}|\s{1,3}(?:(?:of|to|is) )?)["']?(0?\.\d{1,4}|1\.0{1,3})(?!\d)/gi;
const JOINS =
  /(?:\bexport |\bsetenv |\bset |\bENV |\benviron\[["'])PYTORCH_(?:\w{1,8}_)?ALLOC_CONF["'\]]{0,3}[\s=]{1,4}["']?[^\n"']{0,80}expandable_segments:True/;

/** In a script, a command or a sentence, not in the error’s own advice. */
const METAL =
  /(?:\bexport |\bsetenv |\bset |\benviron\[["']|^\s{0,8}(?:[$%] )?|\b(?:tried|did|already|even|have|I(?! (?:would|suggest|recommend|think)))\b[^\n.]{0,40})PYTORCH_MPS_HIGH_WATERMARK_RATIO["'\]`]{0,3}[\s=:]{1,4}["'`]?0(?:\.0{1,2})?(?![.\d])(?!\s{1,3}to disable)/m;

/** `PyTorch limit (set by user-supplied memory fraction) : 17179869184.00 GiB` */
const UNBOUNDED = /memory fraction\)\s{0,20}:?\s{0,20}17179869184/;

/** Characters in front of a setting and behind it that show what is written of it. */
const BESIDE = 60;

/** Characters at either end in which settings are looked for: a program prints them as it starts, and people write them beside the error. */
const EITHER_END = 128 * 1024;

export function settingsIn(whole: string): Settings {
  const text =
    whole.length > 2 * EITHER_END ? `${whole.slice(0, EITHER_END)}\n${whole.slice(-EITHER_END)}` : whole;
  const batches = [...text.matchAll(BATCH)].filter(
    ({ 1: name, index }) => !OTHER_BATCH.test(lastWords(text, index) + name!),
  );
  const own = batches.filter(({ index }) => !ADVISED.test(text.slice(Math.max(0, index - BESIDE), index)));
  const environments = [...text.matchAll(ENVIRONMENTS)];
  const shares = [...text.matchAll(SHARE)].map(([, share]) => Number(share));
  return {
    isBatchOfOne:
      own.length > 0 &&
      batches.every(([, , size]) => size === '1') &&
      !own.some(({ 0: found, index }) => isSaidToWork(text, index, index + found.length)),
    isOneEnvironment: environments.length > 0 && environments.every(([, count]) => count === '1'),
    engineShare: shares.length === 0 ? null : Math.max(...shares),
    offloads: text.includes('.enable_sequential_cpu_offload()')
      ? 'layers'
      : text.includes('.enable_model_cpu_offload()')
        ? 'model'
        : null,
    isUnbounded: UNBOUNDED.test(text),
    isMetalUnbounded: METAL.test(text),
    joinsPieces: JOINS.test(text),
  };
}

/** What stands in front on the same line: `Total train batch size`. */
const lastWords = (text: string, at: number): string =>
  /[^\n]{0,20}$/.exec(text.slice(Math.max(0, at - 20), at))![0];

/** Whether the sentence has it that the program goes well with the setting: it failed with another one. */
const isSaidToWork = (text: string, from: number, to: number): boolean =>
  WORKS_WITH.test(text.slice(Math.max(0, from - BESIDE), from).replace(/\ba (?=$)/, '')) ||
  WORKS.test(/^[^\n.;]{0,40}/.exec(text.slice(to))![0]);
