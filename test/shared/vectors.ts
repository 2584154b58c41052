/** The project's test vectors (`schema/shared`), which the Python client's tests read too. */
import { readFileSync } from 'node:fs';

export interface Vectors<Given, Expected> {
  about: string;
  /** Of the files that have one: the input of the program whose answers they hold. */
  query?: string;
  cases: { name: string; given: Given; expected: Expected }[];
}

export const vectors = <Given, Expected>(topic: string): Vectors<Given, Expected> =>
  JSON.parse(readFileSync(new URL(`../../schema/shared/${topic}.json`, import.meta.url), 'utf8'));
