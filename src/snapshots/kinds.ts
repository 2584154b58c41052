/** Kinds of values on the machine's stack. */
export const NONE = 0;
export const BOOL = 1;
export const INT = 2;
export const FLOAT = 3;
/** A whole number that a double cannot hold: its digits are kept as a text. */
export const BIG = 4;
export const TEXT = 5;
/** Empty so far; the number is nothing. */
export const FRESH_LIST = 6;
export const FRESH_DICT = 7;
/** A list or dict of no known shape: an index of `Records.others`. */
export const LIST = 8;
export const DICT = 9;
export const TUPLE = 10;
export const FRAME = 11;
export const STACK = 12;
export const EVENT = 13;
/** A list of events: an index of `Records.ranges`. */
export const EVENTS = 14;
export const BLOCK = 15;
export const SEGMENT = 16;
