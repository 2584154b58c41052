/**
 * Lines of a traceback that name a place in the program → where an error was raised: the innermost frame, and the innermost
 * of the program's own, where a library raised it.
 */

/** `  File "/w/train.py", line 17, in step`, as Python prints it; a page may have taken `<module>` for a tag of its own. */
const PYTHON =
  /^\s{0,40}(?:E\s{1,8})?(?:File|文件) ?"([^"\n]{1,400})", line (\d{1,7})(?:,? in(?: (.{1,100}))?)?\s*$/;
/** `File ~/w/train.py:17, in step(self, batch)`, `Cell In[4], line 3`, of IPython. */
const IPYTHON =
  /^(?:File )?(?:([^\n"]{1,400}):(\d{1,7}), in ([\w.<>]{1,100})[(\n]|(Cell In\s?\[\d{1,6}\]),.{0,20}? line (\d{1,7}))/;
/** `/w/train.py in step(self, batch)`, `<ipython-input-3-1a> in <module>`, of older ones; the line stands further down. */
const OLD_IPYTHON =
  /^\[?((?:\/|~\/|[A-Za-z]:\\)[^\n"\]]{1,400}|<ipython-input-[\w-]{1,80}>)(?:\]\([^)\n]{1,200}\))? in (<cell line: \d{1,6}>|[\w.<>]{1,100})(?:\(|$)/;
/** IPython pads the number of the line with dashes: one of four digits has a single one. */
const ARROW = /^-{1,8}> \[?(\d{1,7})\]?/;
/** What a notebook's page makes of a place: `[~/w/train.py:17](http://localhost/…)`, `[In[4], line 3](vscode-notebook-cell:…)`. */
const LINK =
  /\[([^[\]\n]{1,400}|In\s?\[\d{1,6}\], line \d{1,7})\]\((?:https?|vscode-[\w-]{1,40}|file):[^)\n]{1,800}\)/g;
/** `│ /w/train.py:17 in step   │`, of rich. */
const RICH = /^[│|] ([^\s"│|][^\n"│|]{0,300}\.pyx?):(\d{1,7}) in ([\w.<>]{1,100})\s*[│|]\s*$/;
const STACK = /^(Current thread|Thread) 0x[\da-f]{4,20} .{0,60}\(most recent call first\)/;
/** Python's own files, and those of installed packages; Cython's have the path that they were built from. */
const INSTALLED =
  /(?:site|dist)-packages[\\/]|^(?![\\/~]|[A-Za-z]:)[^"]{0,200}\.pyx$|[\\/]lib[\\/]python\d|<frozen |<string>|[\\/]lib[\\/](?:runpy|threading|concurrent|multiprocessing|importlib|asyncio)\b/i;
/** The stand-in device's own files, whose frames stand behind torch's where a GPU has none. */
const OF_STANDIN = /[\\/]esper_telemetry[\\/]standin[\\/]/;
/** What stands in front of an installed package's own path. */
const ENVIRONMENT = /^.{0,400}(?:site|dist)-packages[\\/]/;

export class Frames {
  #innermost: string | null = null;
  #own: string | null = null;
  /** Of a frame whose line is not known yet. */
  #open: { file: string; function: string } | null = null;
  /** Of stacks that begin with the innermost frame, as faulthandler prints them: which one counts. */
  #stack: 'current' | 'other' | null = null;
  /** Whether the innermost frame stands first, as VS Code’s debugger prints them. */
  #isInnermostFirst = false;

  /** Whether the line may name a place: a cheap question. */
  static mayRead(text: string): boolean {
    return (
      text.includes('line ') || text.includes('call first') || text.includes(' in ') || text.startsWith('-')
    );
  }

  /** Whether a stack begins in the line that names its innermost frame first. */
  static beginsStack(text: string): boolean {
    return text.includes('call first') && STACK.test(text);
  }

  /** Whether the line names a place. */
  read(line: string): boolean {
    const text = line.includes('](') ? line.replace(LINK, '$1') : line;
    const stack = STACK.exec(text);
    if (stack !== null) {
      this.clear();
      this.#stack = stack[1] === 'Current thread' ? 'current' : 'other';
      return true;
    }
    const arrow = this.#open === null ? null : ARROW.exec(text);
    if (arrow !== null) {
      this.#take(this.#open!.file, arrow[1]!, this.#open!.function);
      this.#open = null;
      return true;
    }
    const python = PYTHON.exec(text) ?? RICH.exec(text);
    if (python !== null) return this.#take(python[1]!, python[2]!, python[3]);
    const ipython = IPYTHON.exec(text);
    if (ipython !== null) return this.#take(ipython[1] ?? ipython[4]!, ipython[2] ?? ipython[5]!, ipython[3]);
    const old = OLD_IPYTHON.exec(text);
    if (old === null) return false;
    this.#open = { file: old[1]!, function: old[2]! };
    return true;
  }

  #take(file: string, line: string, name: string | undefined): true {
    if (OF_STANDIN.test(file)) return true;
    const frame = `${file.replace(ENVIRONMENT, '')}, line ${line}${name === undefined ? '' : `, in ${name.trim().split(/\s{2}/)[0]}`}`;
    if (this.#stack === 'other') return true;
    const isOuter = this.#stack === 'current' || this.#isInnermostFirst;
    if (!isOuter || this.#innermost === null) this.#innermost = frame;
    if (!INSTALLED.test(file) && (!isOuter || this.#own === null)) this.#own = frame;
    return true;
  }

  /** The innermost frame of the program's own; null where none was read. */
  get own(): string | null {
    return this.#own;
  }

  /** Null where no frame was read. */
  get place(): string | null {
    return this.#own === null || this.#own === this.#innermost
      ? this.#innermost
      : `${this.#own} (within ${this.#innermost})`;
  }

  clear(): void {
    this.#innermost = null;
    this.#own = null;
    this.#open = null;
    this.#stack = null;
    this.#isInnermostFirst = false;
  }

  /** What is read from here on begins with the innermost. */
  turn(): void {
    this.#isInnermostFirst = true;
  }

  /** Whether they are of a stack that names the innermost first. */
  get isStack(): boolean {
    return this.#stack !== null;
  }

  /** Whether they are of the thread in which the process crashed. */
  get isOfCrash(): boolean {
    return this.#stack === 'current';
  }
}

/** Characters of a text of which the frames are looked for. */
const LONGEST_TEXT = 64 * 1024;

/** The place that the last traceback of a text names; null where there is none. A box around it may be broken in the midst of a path. */
export function placeIn(text: string): string | null {
  const frames = new Frames();
  let last: string | null = null;
  for (const line of text.slice(-LONGEST_TEXT).split('\n'))
    if (frames.read(line.trimEnd())) last = frames.place;
  return last;
}
