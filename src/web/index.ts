/** Overwatch's pages. A browser enters by main.tsx; a program that reads them has them drawn here. */
export { type Drawn, drawRun } from './draw-run.tsx';
