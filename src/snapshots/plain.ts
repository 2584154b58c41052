/** What a list or dict of no known shape holds. */

/** A record inside a list or dict of no known shape. */
export class Handle {
  readonly kind: number;
  readonly value: number;

  constructor(kind: number, value: number) {
    this.kind = kind;
    this.value = value;
  }
}

export type Plain = null | boolean | number | string | Plain[] | Map<string, Plain> | Handle;
