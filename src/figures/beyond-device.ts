/** An amount that a device does not have, in words. */
import { amount } from '../base/index.ts';

/** A total that is known by a rounded share may be so much too small. */
const ROUNDED = 1.01;

/** The words on an amount that a device does not have; null of any other. */
export const beyondDevice = (bytes: number | null, total: number | null): string | null =>
  bytes !== null && total !== null && bytes > total * ROUNDED
    ? `cannot be: the device has ${amount(total)}`
    : null;
