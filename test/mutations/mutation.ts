/** One change of the code that a test must notice. `npm run mutate` applies each in a scratch copy and runs its test. */
export interface Mutation {
  /** The rule that the changed code breaks. */
  rule: string;
  /** From the repository's root. Where the text is no longer there but in one other file of the code, that file is meant. */
  file: string;
  /** Stands there once. */
  from: string;
  to: string;
  /** The file of the test, and a part of its full name (describe and test titles, with spaces between). */
  test: readonly [file: string, name: string];
}
