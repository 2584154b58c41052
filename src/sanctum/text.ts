/** Text of others on a terminal, as every screen prints it. */
export { columns, cut, printable } from '../records/index.ts';
