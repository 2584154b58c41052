/** Where finished lines go. The log's writer is one; a test's array is another. */
export interface LineSink {
  /** Takes one whole line, newline included. Never throws; what it could not keep it counts. */
  append(line: string): void;
}
