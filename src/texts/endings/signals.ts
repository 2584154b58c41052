/** Signals by number, by name, and by the words that shells and launchers have for them. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
};
/** Lower case. */
const WORDS: Readonly<Record<string, number>> = {
  hangup: 1,
  abort: 6,
  'abort trap': 6,
  aborted: 6,
  'bus error': 7,
  'floating point exception': 8,
  'floating-point exception': 8,
  'illegal instruction': 4,
  killed: 9,
  'segmentation fault': 11,
  terminated: 15,
};
/** As shells have them in other languages. */
export const TRANSLATED: Readonly<Record<string, number>> = {
  已杀死: 9,
  已终止: 15,
  段错误: 11,
  强制终了: 9,
  強制終了: 9,
  セグメンテーション違反です: 11,
  죽었음: 9,
  '세그멘테이션 오류': 11,
  Getötet: 9,
  Beendet: 15,
  Speicherzugriffsfehler: 11,
  'Processus arrêté': 9,
  'Erreur de segmentation': 11,
  'Terminado (killed)': 9,
  'Violación de segmento': 11,
  Ucciso: 9,
  Убито: 9,
  'Ошибка сегментирования': 11,
};

export const signalName = (signal: number): string => NAMES[signal] ?? `signal ${signal}`;

/** Number of `9`, `KILL` or `Killed`; null for what is none. */
export function signalNumber(text: string): number | null {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  if (Object.hasOwn(TRANSLATED, text)) return TRANSLATED[text]!;
  const word = text.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word]!;
  const named = Object.entries(NAMES).find(([, name]) => name === `SIG${text}`);
  return named === undefined ? null : Number(named[0]);
}
