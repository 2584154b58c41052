/** Text of others on a terminal, as every screen prints it. */
export { columns, cut, printable } from '../present/index.ts';
