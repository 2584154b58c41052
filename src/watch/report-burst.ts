/**
 * Reports that reach a log together, long after the bars of their steps: Python holds its output back where it goes to a file, and the
 * bars do not wait. The newest report is of the newest bar's step, or of the report before it; epochs show how far the others are
 * apart.
 */

/** What came before the burst: a report's step, and how far apart the two newest were. */
interface EarlierReport {
  step: number;
  stride: number;
}

/** The newest bar's count, and how many steps it will come to; null where nothing shows that. */
interface BarCount {
  done: number;
  total: number | null;
}

/**
 * Steps of the reports of a burst, by their epochs as printed.
 * @param before null for the first reports of a training.
 * @returns null where they do not fit.
 */
export function stepsOfBurst(
  epochs: readonly string[],
  { done, total }: BarCount,
  before: EarlierReport | null,
): number[] | null {
  const known = epochs.map(epoch => (epoch === '' ? Number.NaN : Number(epoch)));
  const [first, last] = [known[0]!, known.at(-1)!];
  if (known.some(Number.isNaN) || known.length < 2 || !(last > first && first > 0)) return null;
  const between = (last - first) / (known.length - 1);
  const rounding = roundingOf(epochs);
  const exact = stepsOfWholeEpochs(epochs, { done, total });
  if (exact !== null) return exact;
  const isWhole = (stride: number) => isOfWholeEpochs(stride / between, total, rounding / last);
  const stride = before?.stride ?? strideOf(between / last, done, isWhole);
  const each = stride / between;
  let step = before?.step ?? 0;
  const steps = known.map(epoch => {
    // Epochs are rounded, and steps are whole strides apart.
    const strides = Math.max(1, Math.round((epoch * each - step) / stride));
    step = before === null && epoch === first && epoch * each < stride / 2 ? 1 : step + strides * stride;
    return step;
  });
  return step <= done && step > done - 2 * stride ? steps : null;
}

/** Share of a step by which an epoch may be off where it shows which step it is of. */
const NEAR = 0.2;

/** Steps that the epochs show by themselves, in a training of whole ones; null where they do not, or have too few digits for it. */
function stepsOfWholeEpochs(epochs: readonly string[], { done, total }: BarCount): number[] | null {
  if (total === null) return null;
  const last = epochs.at(-1)!;
  const all = Math.max(1, Math.ceil(((Number(last) - roundingOf([last])) * total) / done));
  const each = total / all;
  const steps = epochs.map(epoch => Math.round(Number(epoch) * each));
  const fits = epochs.every((epoch, i) => {
    const off = Math.abs(steps[i]! - Number(epoch) * each);
    const most = roundingOf([epoch]) * each;
    return steps[i]! > (steps[i - 1] ?? 0) && most <= NEAR && off <= most + 1e-9;
  });
  return fits && steps.at(-1)! <= done ? steps : null;
}

/**
 * The newest report may be of the bar's step or of one stride before it: the stride is a whole number, and the training is of whole epochs.
 * @param isWhole whether it is, with that stride.
 */
function strideOf(share: number, done: number, isWhole: (stride: number) => boolean): number {
  const off = (value: number) => Math.abs(value - Math.round(value));
  const nearest = [done * share, (done * share) / (1 + share)].sort((a, b) => off(a) - off(b));
  const strides = nearest.map(value => Math.max(1, Math.round(value)));
  return strides.find(isWhole) ?? strides[0]!;
}

/** Whether so many steps are whole epochs. @param off share by which the steps of an epoch may be other than they seem, for the epochs are rounded */
function isOfWholeEpochs(each: number, total: number | null, off: number): boolean {
  if (total === null) return false;
  const epochs = Math.max(1, Math.round(total / each));
  return Math.abs(total / each - epochs) <= 2 * off * epochs;
}

/** By how much epochs as printed may be off. */
const roundingOf = (epochs: readonly string[]): number =>
  0.5 * 10 ** -Math.max(...epochs.map(epoch => epoch.split('.')[1]?.length ?? 0));

/** Whether an epoch has digits by which a step is known to a whole one, whatever the training's length. */
export const isExactEpoch = (epoch: string): boolean => (epoch.split('.')[1]?.length ?? 0) >= 6;

/**
 * The step of a report by its epoch, where the bar shows the one before or after it: a bar may be drawn late. The bar's where the epoch
 * does not tell.
 */
export function stepByEpoch(shown: number, epoch: number, total: number): number {
  if (total <= 0 || shown <= 0 || !(epoch > 0)) return shown;
  const whole = epoch * total;
  const candidates = [shown, shown + 1, shown - 1];
  const isOf = (step: number) => {
    const epochs = Math.round(whole / step);
    return step > 0 && total % epochs === 0 && Math.abs(whole / epochs - step) < 1e-4 * Math.min(step, 100);
  };
  return candidates.find(isOf) ?? shown;
}

/**
 * Steps of reports around one bar, by their epochs as printed, where they are the first ones of a training: report k is of step k strides. The bar shows
 * the step of the report before it, or of the one behind it, or the step before that.
 * @param at how many of the reports are in front of the bar.
 * @returns null where they do not fit, or fit in several ways.
 */
export function stepsAroundBar(epochs: readonly string[], at: number, done: number): number[] | null {
  const rounding = roundingOf(epochs);
  const fits = (first: number) => {
    const shares = epochs.map((epoch, i) =>
      [Number(epoch) - rounding, Number(epoch) + rounding].map(end => end / (first + i)),
    );
    return Math.max(...shares.map(([low]) => low!)) <= Math.min(...shares.map(([, high]) => high!));
  };
  if (epochs.length < 3 || !(Number(epochs[0]) > rounding)) return null;
  const firsts = Array.from({ length: 100 }, (_, i) => i + 1).filter(fits);
  if (firsts.length !== 1) return null;
  const first = firsts[0]!;
  const strides = new Set(
    [
      [done, first + at - 1],
      [done, first + at],
      [done + 1, first + at],
    ].flatMap(([step, count]) =>
      count! >= first && count! < first + epochs.length && step! % count! === 0 ? [step! / count!] : [],
    ),
  );
  const [stride] = strides;
  return strides.size === 1 && stride! > 0 ? epochs.map((_, i) => (first + i) * stride!) : null;
}
