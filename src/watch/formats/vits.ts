/**
 * VITS and its heirs (RVC, so-vits-svc, GPT-SoVITS): a head of an epoch and a share of it, `INFO:model:Train Epoch: 9 [20%]`, then its figures: `[4200, 9.99e-05]` and
 * `loss_disc=3.959, loss_gen=3.062` on a line of their own, or `Losses: [2.1, 2.3], step: 4200, lr: 9.99e-05`, or all of them in one list that ends with step and
 * learning rate. None of the losses is the training's: all stay under `extra`, those without a name by their places.
 */
import { equalsPairs, type Pair } from '../key-values.ts';
import { NUMBER, reportFormat } from '../report-format.ts';

const HEAD = /\bTrain Epoch: \d{1,9} \[ {0,2}\d{1,3}%\]\s*$/;
const END = /====> Epoch: \d{1,9}\b/;
const LIST = /(?:^|[:\s])\[((?:[\d.eE+, -]|nan|inf){3,400})\]\s*$/;
const LOSSES =
  /\bLosses: \[((?:[\d.eE+, -]|nan|inf){3,400})\], step: (\d{1,12}), lr: ([\d.e+-]{1,24})(?:, (\w{1,40}): ([\d.e+-]{1,24}))?/;
const NAMED = /(?:^|:)((?:loss\w{0,30}=(?:[\d.e+-]{1,24}|-?nan|-?inf)(?:, ?|\s*$)){2,20})/;

const placed = (list: string): Pair[] =>
  list.split(',').map((value, i) => ({ key: `losses/${i}`, value: value.trim() }));

/** A list of losses with the step and the learning rate behind them: whole numbers of steps alone are read. */
function listed(list: string): Pair[] | null {
  const values = list.split(',').map(value => value.trim());
  const [step, lr] = values.slice(-2);
  if (values.length < 2 || !/^\d{1,12}$/.test(step!)) return null;
  return [{ key: NUMBER, value: step! }, { key: 'lr', value: lr! }, ...placed(values.slice(0, -2).join(','))];
}

export const vits = reportFormat({
  name: 'vits',
  about: 'VITS, RVC, so-vits-svc, GPT-SoVITS: losses of a step',
  marks: ['train epoch: '],
  names: {},
  kind: 'step',
  head({ text }) {
    // Without its step it is no report.
    return HEAD.test(text) ? { number: -1, pairs: [] } : null;
  },
  row({ text }) {
    if (END.test(text)) return 'end';
    const losses = LOSSES.exec(text);
    if (losses !== null)
      return [
        { key: NUMBER, value: losses[2]! },
        { key: 'lr', value: losses[3]! },
        ...placed(losses[1]!),
        ...(losses[4] === undefined ? [] : [{ key: losses[4], value: losses[5]! }]),
      ];
    const list = LIST.exec(text)?.[1];
    if (list !== undefined) return listed(list);
    const named = NAMED.exec(text)?.[1];
    return named === undefined ? null : equalsPairs(named);
  },
});
