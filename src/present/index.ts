/** How figures and judgements read on every screen: styled text, amounts, the status line, the values of panels. */
export * from './amounts.ts';
export { etaMs } from './eta.ts';
export * from './figure-text.ts';
export * from './judgement.ts';
export { outsideText, shortened, terminalJson } from './outside-text.ts';
export * from './panel-values.ts';
export { columns, cut, printable } from './printable-text.ts';
export * from './status-line.ts';
export * from './styled-text.ts';
