/**
 * Which file a message is of: `STREAM.CLUSTER.RUN.FILE`, each part with all but letters, digits, `-` and `_` percent-encoded, so that
 * an operator reads it and no part holds a dot. What comes from the network is checked: a name never leads out of the folder of runs.
 */

/** Folders between the folder of runs and a run's files, the run's own among them: `team/job/run`. */
export const MOST_LEVELS = 4;
const LONGEST_PART = 255;

export interface FileName {
  cluster: string;
  /** Path of the run's folder in the folder of runs, with `/`. */
  run: string;
  file: string;
}

export const tokenOf = (text: string): string =>
  [...Buffer.from(text)]
    .map(byte => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** null where the token is none of {@link tokenOf}. */
function textOf(token: string): string | null {
  try {
    const text = decodeURIComponent(token);
    return tokenOf(text) === token ? text : null;
  } catch {
    return null;
  }
}

/** Whether a file or folder of this name may be made: visible, printable, and one. */
export const isPlainName = (name: string): boolean =>
  name !== '' &&
  Buffer.byteLength(name) <= LONGEST_PART &&
  !name.startsWith('.') &&
  !/[\p{C}\\/]/u.test(name);

export const isRunPath = (path: string): boolean => {
  const parts = path.split('/');
  return parts.length <= MOST_LEVELS && parts.every(isPlainName);
};

/** A name that people give a cluster or a stream: one token. */
export const isToken = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);

export const subjectOf = (stream: string, { cluster, run, file }: FileName): string =>
  [stream, cluster, run, file].map(tokenOf).join('.');

/** null where the subject is of no file that may be written. */
export function fileOfSubject(subject: string): FileName | null {
  const parts = subject.split('.');
  if (parts.length !== 4) return null;
  const [, cluster, run, file] = parts.map(textOf);
  if (cluster == null || run == null || file == null) return null;
  return isToken(cluster) && isRunPath(run) && isPlainName(file) ? { cluster, run, file } : null;
}

/** Where collectors ask shippers for what they lack; in no stream. */
export const wantSubject = (stream: string, { cluster, run }: Omit<FileName, 'file'>): string =>
  `${stream}-want.${tokenOf(cluster)}.${tokenOf(run)}`;

/** A log is appended to; any other file is there whole. */
export const isLog = (file: string): boolean => /^events-\d+\.jsonl$/.test(file);
export const isLock = (file: string): boolean => /^events-\d+\.lock$/.test(file);
