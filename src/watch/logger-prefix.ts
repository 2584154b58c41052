/** What a logger puts in front of a line: taken off where what follows is read from its beginning. */

/** What Python's own logging puts in front, and absl's: `INFO:root:`, a time and `INFO:`, `I0102 10:20:30.123456 1234 train.py:91] `. */
const BASIC =
  /^\W{0,2}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):[\w.]{1,80}: ?|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{3})? (?:DEBUG|INFO|WARNING|ERROR):(?=\S)|^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \([\w.]{1,60}:\d{1,6}\) (?:DEBUG|INFO|WARNING|ERROR): |^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} {1,4}\d{1,18} [\w.-]{1,80}:\d{1,6}\] /;
export const withoutBasicPrefix = (text: string): string => text.replace(BASIC, '');

/** What Python's logging puts in front: a time, the logger, the level. */
const LOGGED =
  /^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]?[^\d:]{0,120}?\b(?:INFO|DEBUG)\b[\]: —–|-]{1,6}/;
export const withoutTimedPrefix = (text: string): string =>
  text.includes('INFO') || text.includes('DEBUG') ? text.replace(LOGGED, '') : text;

/**
 * The logger's name, its level and what stands before them, at any place of the line's beginning: `2026-01-02 10:20:30,123 - lab.training.trainer - INFO - `,
 * `[INFO][lab.train:35] `. A name of a module has words that are none of the line's own.
 */
const NAMED =
  /^.{0,160}?(?<![\w.])(?:DEBUG|INFO|WARNING)\b[\]\s:|–—-]{1,12}(?:[\w.<>-]{0,80}:[\w.<>-]{1,60}:\d{1,6}[\s|–—-]{1,6}|[[(][\w./<>-]{1,100}:\d{1,6}[\])][\s:|–—-]{0,6}|[\w.-]{1,80}\.py:\d{1,6}[\]\s:|–—-]{1,6})?/;
export const withoutLogger = (text: string): string =>
  text.includes('INFO') || text.includes('WARNING') || text.includes('DEBUG')
    ? text.replace(NAMED, '')
    : text;
