/**
 * What Ultralytics prints of a validation: a head that names the columns, with its bar, and a row of all classes: `all  128  929  0.64  0.53  0.6  0.4`.
 * Of segmentation and pose the columns come twice, in groups: `Box(P  R  mAP50  mAP50-95)  Mask(P …`.
 */
import type { Payload } from '../contract/index.ts';
import { printedFigure } from './printed.ts';

const HEAD =
  /^\s*Class\s{1,20}Images\s{1,20}(?:Instances|Labels|Targets)\s{1,20}(\S.{1,200}?):?\s{1,8}\d{1,3}%/;
const ALL = /^\s{1,40}all\s{1,20}\d{1,9}\s{1,20}\d{1,12}((?:\s{1,20}[\d.e-]{1,12}){2,16})\s*$/;

export class YoloValidation {
  #names: string[] = [];

  /** Whether the line is its head. */
  readHead(text: string): boolean {
    const named = HEAD.exec(text)?.[1];
    if (named === undefined) return false;
    let group = '';
    this.#names = named.split(/\s+/).map(column => {
      const [, of = '', name = ''] = /^(?:(\w{1,20})\()?(.*?)[):]{0,2}$/.exec(column)!;
      // The boxes of a detection are all that it has.
      if (of !== '') group = of === 'Box' ? '' : `${of} `;
      return `${group}${name}`;
    });
    return true;
  }

  /** The figures of a row of all classes, by its columns; null for any other line. */
  allIn(text: string): Payload<'FIGURES_LOGGED'>['figures'] | null {
    const cells = this.#names.length === 0 ? undefined : ALL.exec(text)?.[1]?.trim().split(/\s+/);
    if (cells?.length !== this.#names.length) return null;
    const read = cells.map(printedFigure);
    return read.includes(null)
      ? null
      : Object.fromEntries(this.#names.map((name, i) => [name, read[i]!.value]));
  }
}
