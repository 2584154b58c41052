/**
 * The number of a step in a line of any loop: `step 10/100`, `iteration: 10 / 100`, `iter:   1,200,`, `Epoch: [0]  [  10/1251]`,
 * `[0/300][10/1251]`, `epoch: 1/300, iter: 10/1849`, `Train: 0 [  50/1251 (  4%)]`. Batches of an epoch are counted through all epochs where
 * the line has how many there are in one.
 */
import { byShape, byText, MatchesByShape, textAt } from './by-shape.ts';
import { fixedCount } from './fixed-counts.ts';
import { countThrough, type StepCount } from './step-count.ts';

interface Count {
  number: number;
  total: number | null;
}

/** Counters by how much they tell, the most first. */
const COUNTERS = [
  'global_step',
  'num_updates',
  'acc_iter',
  'step',
  'iteration',
  'iter',
  'it',
  'update',
  'timestep',
  'batch',
];
/** `batch-32` is the size of one. */
const COUNTED =
  /(?:^|[\s,|;[({<])(global_step|global_batch_idx|num_updates|nupdates|acc_iter|(?:(?:global|train(?:ing)?|policy|learner|cur(?:rent)?|opt(?:im(?:izer)?)?)[_ -])?(?:step|iteration|iter|itr|it|update|batch)|time[_ -]?step|epoch|epi?|episode)s?(?: ?[:=#]|(?<!batch)-)? {0,16}(?:[[(] {0,8})?(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:(?: {0,3}\/ {0,3}| of )(\d{1,3}(?:,\d{3}){1,4}|\d{1,15}))?(?=$|[\s,|;:\])%[]|\. )/dgi;
const COUNTS = MatchesByShape.of(COUNTED);
/** What stands in front of a number of steps that is none of a step: `max steps 1000`. */
const OF_ALL = /\b(?:episode|actor|evaluator|total|max|num|number of|of|per|every|skipped|of nan)[ _]?$/i;
/** PyTorch's first example and its heirs, open_clip among them, which count samples: `Train Epoch: 1 [640/60000 (1%)]`. */
const OF_SAMPLES = byShape(
  /\btrain epoch:? {0,4}\d{1,9} {0,3}\[ {0,8}\d{1,12}\/ {0,4}\d{4,12} \( {0,3}[\d.]{1,5}%\)\]/i,
);
/** `Train: 0 [  50/1251 (  4%)]`, `Train Epoch: 1 [640/60000 (1%)]`, `Train:  1/300 (  0%) [  50/1251 (  4%)]` */
const SHARE = byShape(
  /(?:train|epoch):? {0,4}(\d{1,9})(?:\/(\d{1,9})(?: \( {0,3}\d{1,3}%\))?)? {0,3}\[ {0,8}(\d{1,12})\/ {0,4}(\d{1,12}) \(/i,
);
/** Words of what an environment gave. */
const GIVEN = byShape(/\b(?:rewards?|returns?|scores?)\b|_(?:reward|return|score)s?\b/i);
/** `[000500/50000] X4K | loss …`: a count in front of everything, a logger's words aside. */
const LEADING = byShape(
  /^(?:[^[\]]{0,120}(?:[-|:>]|\[[\w.-]{1,60}\.py:\d{1,6}\]) {0,3})?[[(] {0,6}(\d{1,12}) ?\/ ?(\d{1,12})[\])]/,
);
/** `Train | Epoch 1 | 143/573 |`, `Epoch 1 (143/573)`: a batch of an epoch, apart from it. */
const BEHIND_EPOCH = byShape(
  /\bepoch[:= #]{0,3}\[?\d{1,9}(?: ?\/ ?\d{1,9})?\]?[\s|,:;([-]{1,6}(\d{1,12}) ?\/ ?(\d{1,12})(?=$|[\s|,)\]:])/i,
);
/** Behind a bar that a loop draws itself: `[=====>    ] 12.5% 500/4000 | loss=2.3`, `[####....] (10/20)`. */
const DRAWN = byShape(
  /\[[=#>.\-*~ \u2500-\u259f]{5,120}\] {1,3}(?:\d{1,3}(?:\.\d{1,3})?% {1,3})?\(?(\d{1,12}) ?\/ ?(\d{1,12})(?=$|[\s|,)\]:])/,
);
/** `10/50 loss=0.5`, as a page's list numbers it as well, `3.  10/50 loss=0.5`; a date has a time behind it, and the 5 of `12.5/100` is no step. */
const BARE = byShape(/^(?:\d{1,6}\.(?=\s))?\s{0,8}(\d{1,12})\/(\d{1,12})(?=[\s|:,-])(?!\s\d{1,2}:\d\d)/);
/**
 * A number alone in front of what the line reports: `3: loss 0.5`, `100 [D loss: 0.69, acc.: 50.00%]`, `>10, d1=0.68`; in `>1, 20/128, d=0.7`
 * it is the epoch's.
 */
const LEADS =
  /^(?:[ >]{0,8})(\d{1,9})(?::|,| ?[-|])? {1,4}(?:(\d{1,9})\/(\d{1,9}), {1,4})?(?=[[(]?(?:(?:train(?:ing)?|total|avg|average|mean) )?(?:[DGCdgc][12]?[ _]?(?:loss)?[=:[]|loss))/i;
/** `Frame 10000, mean reward -20.3`: steps of the environment, where a line that has what it gave counts nothing else. */
const FRAME = byShape(
  /^\W{0,12}frames?(?: ?[:=#])? {0,8}(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?=$|[\s|;:]|,(?!\d))/i,
);
/** `Epoch 3 - Batch loss: 0.4`: a batch that has no number. */
const UNNUMBERED = byShape(/\b(?:mini)?(?:batch|iter(?:ation)?|step)[ _-]loss\b/i);
/** `[10, 200]`, `[10/200]`: epoch and batch, or a batch of so many. */
const BRACKET = byShape(/\[ {0,6}(\d{1,12})(?: ?\/ {0,8}(\d{1,12}) ?|, {1,6}(\d{1,12}))\]/);

const OF_NAME = /[a-z_)] ?[:=]? ?$(?<!\b(?:epochs?|ep|iter|iteration|step|batch) ?[:=]? ?)/i;

/** fairseq: `epoch 010  2000 / 8223 loss=1.27`: a batch of an epoch that is counted from 1. */
const PLACE = byShape(/\bepoch:? {0,2}\d{1,9}:? {1,8}(\d{1,12}) ?\/ ?(\d{1,12})(?=[\s,:])/i);
/** LitGPT has an iteration and the optimizer's step, which several of them share. */
const LITGPT = byShape(/\biter \d{1,12} (?:\| )?step \d{1,12}/i);
/** PaddleSeg counts through all epochs, and shows which one it is. */
const PADDLE_SEG = byShape(/\[TRAIN\] epoch: \d{1,9}, iter: \d{1,12}\/\d{1,12}/);
/** The metric writers of JAX (clu, Flax): `logging_writer.py:48] [100] learning_rate=0.001, loss=6.91`. */
const WRITER = byShape(/^(?:.{0,120}\] )?\[(\d{1,15})\] [\w/.]{1,80}=/);
const LLAMA = byShape(/\bstep \d{1,12}\/\d{1,12} completed \(loss: [^)]{1,40}\)/);
/** One that is cut within its loss. */
const LLAMA_CUT = byShape(/\bcompleted \(loss: [^)]{0,40}$/);

/** null where the line has none. */
export function countIn(text: string): StepCount | null {
  if (LLAMA_CUT.test(text)) return null;
  const fixed = fixedCount(text);
  if (fixed !== null) return fixed;
  const found = new Map<string, Count>();
  const named = new Set<string>();
  const isOfEpisodes = GIVEN.test(text);
  for (const [whole, ofName, ofNumber, ofTotal] of COUNTS.in(text)) {
    const [name, number, total] = [ofName, ofNumber, ofTotal].map(span => textAt(text, span));
    const at = ofName![0];
    const counter = counterOf(name!);
    // `train_step: 10000  step:2`: what is called a step and nothing more is the line's own.
    const isOwn = name!.toLowerCase() === counter && named.has(counter);
    // How many steps an episode had, behind its number.
    const outer = found.get('episode') ?? (isOfEpisodes ? found.get('ep') : undefined);
    if (outer !== undefined && total === undefined && /^\W{0,2}steps\b/i.test(textAt(text, whole))) continue;
    if ((!found.has(counter) || isOwn) && !OF_ALL.test(text.slice(Math.max(0, at - 12), at))) {
      found.set(counter, { number: integer(number!), total: total === undefined ? null : integer(total) });
      if (/^train/i.test(name!)) named.add(counter);
      else named.delete(counter);
    }
  }
  const ep = found.get('ep');
  found.delete('ep');
  // An episode, where it is alone with what an environment gave; an epoch of batches else.
  const isEpisode = isOfEpisodes && !COUNTERS.some(counter => found.has(counter));
  const outer = isEpisode ? 'episode' : 'epoch';
  if (ep !== undefined && !found.has(outer)) found.set(outer, ep);
  const epoch = found.get('epoch');
  // Llama recipes count from 0: `step 202/203 completed` is the last.
  const done = found.get('step');
  if (done !== undefined && LLAMA.test(text)) done.number++;
  // `epoch : 9  iter :  1200  step :  32`: iterations through all epochs, beside those of one.
  const isBeside = epoch !== undefined && (found.get('iter')?.number ?? 0) > (done?.number ?? Infinity);
  if (LITGPT.test(text) || isBeside) found.delete('step');
  if (PADDLE_SEG.test(text)) return { isWhole: true, ...found.get('iter')! };
  const name = COUNTERS.find(counter => found.has(counter));
  const writer = WRITER.exec(text);
  // `[0] step=20 …` has its own count: in front of it stands a rank.
  if (writer !== null && (name === undefined || name === 'batch')) return countThrough(writer);
  const leading = LEADING.exec(text);
  // `batch 16` may be its size.
  if (leading !== null && epoch === undefined && name === 'batch' && found.get(name)!.total === null)
    return countThrough(leading);
  if (name !== undefined) {
    const count = found.get(name)!;
    if (name === 'global_step' || name === 'num_updates' || name === 'acc_iter')
      return {
        number: count.number,
        total: totalOfShare(SHARE.exec(text)) ?? (epoch === undefined ? count.total : null),
        isWhole: true,
      };
    if (epoch === undefined) return { isWhole: true, mayBeginAgain: true, ...count };
    const batch = batchOf(epoch, count);
    return name === 'batch' ? { isOfEpoch: true, ...batch } : batch;
  }
  const place = PLACE.exec(text);
  if (place !== null && epoch !== undefined) {
    const each = Number(place[2]);
    return { number: Math.max(0, epoch.number - 1) * each + Number(place[1]), total: null, isWhole: true };
  }
  const share = SHARE.exec(text);
  if (share !== null) {
    const [of, , number, each] = share.slice(1).map(Number) as [number, number, number, number];
    const isOfSamples = OF_SAMPLES.test(text) && { isOfSamples: true as const };
    return {
      number,
      total: totalOfShare(share),
      isWhole: false,
      epoch: of,
      each,
      isOfEpoch: true,
      ...isOfSamples,
    };
  }
  // Of an epoch that is named behind it; `[3/10] epoch 3` is the epoch's own.
  const isOwn =
    leading === null || epoch?.number === Number(leading[1]) || epoch?.total === Number(leading[2]);
  if (epoch !== undefined && !isOwn)
    return batchOf({ ...epoch, total: null }, { number: Number(leading[1]), total: Number(leading[2]) });
  if (epoch !== undefined) {
    const behind = BEHIND_EPOCH.exec(text);
    if (behind !== null)
      return {
        isOfEpoch: true,
        ...batchOf(epoch, { number: Number(behind[1]), total: Number(behind[2]) }),
      };
    if (UNNUMBERED.test(text)) return { number: 0, total: null, isWhole: false, isNext: true };
  }
  if (leading !== null && epoch === undefined) return { mayBeginAgain: true, ...countThrough(leading) };
  const inBrackets = BRACKET.exec(text);
  // A list behind a name is that name's, where the epoch has its own: `EP:1 | TD Error [0, 0]`.
  const isOfName =
    inBrackets?.[3] !== undefined &&
    (epoch ?? found.get('episode')) !== undefined &&
    OF_NAME.test(text.slice(Math.max(0, inBrackets.index - 16), inBrackets.index));
  const bracket = isOfName ? null : inBrackets;
  // `Epoch[050/100], Train Loss: …` is the epoch's own.
  if (bracket?.[3] !== undefined)
    return batchOf({ number: Number(bracket[1]), total: null }, { number: Number(bracket[3]), total: null });
  if (bracket !== null && (epoch === undefined || Number(bracket[1]) !== epoch.number))
    return { number: Number(bracket[1]), total: null, isWhole: false, each: Number(bracket[2]) };
  // An epoch is a step of its own where nothing finer is printed, and so is an episode.
  const bare = BARE.exec(text) ?? DRAWN.exec(text);
  const [at, of] = [Number(bare?.[1]), Number(bare?.[2])];
  const leads: StepCount | null =
    bare === null || at > of ? null : { number: at, total: of, isWhole: true, mayBeginAgain: true };
  const episode = found.get('episode');
  // keras-rl: `39160/50000: episode: 569, …`
  if (episode !== undefined && leads !== null) return leads;
  if (episode !== undefined) return { isWhole: true, isEpisode: true, ...episode };
  // Catalyst: `2/100 * Epoch 2 (train): …`
  const epochs = leads?.number === epoch?.number ? leads?.total : null;
  if (epoch !== undefined)
    return { number: epoch.number, total: epoch.total ?? epochs ?? null, isWhole: true, isEpoch: true };
  const frame = isOfEpisodes ? FRAME.exec(text)?.[1] : undefined;
  if (frame !== undefined) return { number: integer(frame), total: null, isWhole: true };
  return leads ?? leadingCount(text);
}

/** Of `Train:  1/3 (  0%) [  50/100 (  4%)]`; null where it does not have the epochs. */
const totalOfShare = (share: RegExpExecArray | null): number | null =>
  share?.[2] === undefined ? null : Number(share[2]) * Number(share[4]);

function leadingCount(text: string): StepCount | null {
  const found = LEADS.exec(text);
  if (found === null) return null;
  const [number, batch, each] = found.slice(1).map(Number) as [number, number, number];
  if (found[2] === undefined) return { number, total: null, isWhole: true };
  return { number: batch, total: null, isWhole: false, epoch: number, each, isOfEpoch: true };
}

/** A counter's name without the words in front of it, where they tell nothing more. */
const counterOf = byText((name: string): string => {
  const counter = name.toLowerCase();
  if (counter.endsWith('updates') && counter !== 'updates') return 'num_updates';
  if (counter === 'acc_iter') return counter;
  if (counter.startsWith('global')) return 'global_step';
  if (counter.startsWith('time')) return 'timestep';
  const last = counter.slice(counter.search(/[a-z]{1,20}$/));
  return last === 'epi' ? 'episode' : last === 'itr' ? 'iter' : last;
});

/** More steps than any training makes: 3DETR's `Epoch [3/1080]; Iter [2010/713880]` has both totals, and counts through all epochs. */
const TOO_MANY = 100_000_000;

/** `epoch: 1/300, iter: 10/1849`: where it has both totals, it counts within its epoch. */
function batchOf(epoch: Count, count: Count): StepCount {
  const isThrough = (count.total ?? 0) * (epoch.total ?? 0) > TOO_MANY && count.total! % epoch.total! === 0;
  if (isThrough) return { isWhole: true, ...count };
  const isPlace = epoch.total !== null && count.total !== null;
  return {
    number: count.number,
    total: isPlace ? epoch.total! * count.total! : null,
    isWhole: isPlace,
    epoch: epoch.number,
    ...(count.total !== null && { each: count.total }),
    ...(isPlace && { isOfEpoch: true as const }),
  };
}

const integer = (text: string): number => Number(text.replaceAll(',', ''));
