/** A process that ended with a code or by a signal, as launchers, containers and shells report it. */
import { type EndingReader, type MaybeEnding, named, numberOf } from './ending-reader.ts';
import { signalNumber } from './signals.ts';

export const processReaders: readonly EndingReader[] = [launcher, shell, tune];

/** Signals by number or by name. */
const SIGNALS: readonly RegExp[] = [
  /\b[Ss]ignal (\d{1,2}) \(SIG[A-Z]{2,6}\)/,
  /<Signals\.SIG[A-Z]{2,6}: (\d{1,2})>/,
  /\b(?:exited on|terminated by|killed by|got|interrupted by) signal:? (\d{1,2})\b/,
  /\bReceived (\d{1,2}) death signal/,
  // Open MPI's and PMIx's own handler.
  /^(?:\[[^\]]{1,80}\] )?Signal: [A-Za-z ]{3,40} \((\d{1,2})\)/,
  /\bdied through signal [A-Z]{2,6} \((\d{1,2})\)/,
  /\bterminated with signal SIG([A-Z]{2,4})\b/,
  /\b(?:[Rr]eceived (?:signal )?|closing signal )SIG(TERM|HUP|INT)\b/,
  /\bis killed by signal: (Killed|Bus error|Segmentation fault|Terminated|Aborted)/,
  // A worker of PyTorch's DataLoader, as it ends.
  /^ERROR: Unexpected (bus error|segmentation fault|floating-point exception) encountered in worker\./,
  // Go's os/exec, as Ollama prints it of its runner.
  /(?:^|[\s:"=])signal: (killed|aborted|segmentation fault|bus error|terminated)(?: \(core dumped\))?["']?\s*$/,
  // Slurm's controller, in its own log.
  /\bWTERMSIG (\d{1,2})\b/,
  /\bcode=killed, status=(\d{1,2})\/[A-Z]{2,6}/,
];
const CODES: readonly RegExp[] = [
  /\bexitcode {0,4}: {0,2}(-?\d{1,10})\b/,
  /\breturn code = (-?\d{1,10})\b/,
  /\b[Ee]xit(?:ed with exit)? [Cc]ode:? {0,12}\(?(-?\d{1,10})\b/,
  /\b[Ee]xited with (?:error )?code:? (-?\d{1,10})\b/,
  /\breturned (?:a )?non-zero (?:exit status|code:?) (-?\d{1,10})\b/,
  /\bnon-zero status of (\d{1,3})\b/,
  /\b[Ee]xitCode"?: (\d{1,3})\b/,
  /\bExited \((\d{1,3})\)/,
  /\bexit status (\d{1,3})\b/,
];

/** torchrun ends the workers that are left. */
const CLOSING = /\bSending process \d{1,10} (?:the )?closing signal /;

/** Codes below this negative are Windows’ own. */
const MOST_SIGNAL = 64;

/** torchrun, DeepSpeed, accelerate, multiprocessing, the DataLoader, srun, mpirun, systemd, Docker and Kubernetes. */
function launcher(line: string): MaybeEnding {
  if (/:sigkill_handler\] Killing subprocess \d/.test(line)) return { kind: 'launcher', by: 'deepspeed' };
  // GitPython’s words for a command that a client has run.
  if (/\bCmd\('\w{1,40}'\) failed due to/.test(line)) return null;
  const code = numberOf(firstOf(CODES, line));
  const isClosing = CLOSING.test(line);
  // A page may have joined them with the line of the one that failed, which explains more.
  const found = isClosing && code !== undefined ? undefined : firstOf(SIGNALS, line);
  const isOllama = line.includes('llama runner process');
  // Its exit status reveals nothing: Ollama’s own log has the error.
  if (isOllama && found === undefined) return null;
  const task =
    /\berror: [^ ]{1,80} (?:task (\d{1,6})|tasks [-,\d]{1,60}): (Killed|Terminated|Segmentation fault|Bus error|Aborted|Exited with exit code)/.exec(
      line,
    );
  const names = named({
    rank: numberOf(
      /^\s{0,8}rank {1,8}: (\d{1,6}) \(local_rank/.exec(line)?.[1] ??
        /\blocal[_ ]rank: (\d{1,6})/.exec(line)?.[1] ??
        // torch.multiprocessing.spawn counts its processes from 0, as their ranks on the host.
        /^(?:Exception|(?:[\w.]{1,80}\.)?Process\w{1,20}Exception): process (\d{1,6}) terminated with /.exec(
          line,
        )?.[1] ??
        task?.[1] ??
        /\brank (\d{1,6}) with PID/.exec(line)?.[1],
    ),
    pid: numberOf(
      /\(pid(?:\(s\))?:? (\d{1,10})/.exec(line)?.[1] ??
        /\breceived by PID (\d{1,10})/.exec(line)?.[1] ??
        /\(process ID: (\d{1,10})\)/.exec(line)?.[1] ??
        /\b(?:Process (?=\d{1,10} got signal)|Sending process (?=\d{1,10} closing))(\d{1,10})/.exec(
          line,
        )?.[1],
    ),
  });
  const by = /DataLoader worker|encountered in worker\./.test(line)
    ? 'data loader'
    : line.includes(' WTERMSIG ')
      ? 'slurm'
      : isOllama
        ? 'ollama'
        : /systemd|code=killed/.test(line)
          ? 'systemd'
          : line.includes('died through signal')
            ? 'sge'
            : isClosing && code === undefined
              ? 'torchrun'
              : 'launcher';
  const exitCode = code === undefined || code === 0 ? {} : { exitCode: code };
  if (found !== undefined) {
    const signal = signalNumber(found);
    return signal === null ? null : { kind: 'signal', by, signal, ...exitCode, ...names };
  }
  const bySlurm = task === null ? by : 'slurm';
  if (task !== null && !task[2]!.startsWith('Exited'))
    return { kind: 'signal', by: 'slurm', signal: signalNumber(task[2]!), ...names };
  if (code === undefined || code === 0) return null;
  // A shell and a container add 128 to the signal, Python takes it below zero.
  const signal = code < 0 && code >= -MOST_SIGNAL ? -code : code > 128 && code < 160 ? code - 128 : null;
  return signal === null
    ? { kind: 'launcher', by: bySlurm, exitCode: code, ...names }
    : { kind: 'signal', by: bySlurm, signal, exitCode: code, ...names };
}

const firstOf = (patterns: readonly RegExp[], line: string): string | undefined => {
  for (const pattern of patterns) {
    const found = pattern.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Those of other languages are keys of `TRANSLATED`. */
const WORDS =
  '(Floating point exception|Illegal instruction|Killed|killed|Terminated|terminated|Segmentation fault|segmentation fault|Bus error|bus error|Aborted|Abort trap|abort|Hangup|已杀死|已终止|段错误|强制终了|強制終了|セグメンテーション違反です|죽었음|세그멘테이션 오류|Getötet|Beendet|Speicherzugriffsfehler|Processus arrêté|Erreur de segmentation|Terminado \\(killed\\)|Violación de segmento|Ucciso|Убито|Ошибка сегментирования)';
const DUMPED =
  '\\(core dumped\\)|[(（](?:核心已|吐核|コアダンプ|Speicherabzug|core dumped|`core)[^)）]{0,30}[)）]';
const BARE = new RegExp(
  `^(?:zsh: |make: \\*\\*\\* \\[[^\\]]{1,100}\\] )?${WORDS}(?:: \\d{1,2})?(?: ?(?:${DUMPED})| {2}.*)?$`,
);
const JOB = new RegExp(
  `^(?:[^ ]{1,200}: (?:line|行|Zeile|ligne|línea|riga|строка|줄) \\d{1,7}[:：] {1,12}|\\[\\d{1,4}\\] {0,2}[+-]? {0,12})(?:(\\d{1,10}) {1,4})?(?:Exit \\d{1,3} {1,40}|Done {1,40})?${WORDS}(?=$|: \\d| {2}| ?[(（])`,
);

/** A script's line whose wide spaces a page has joined: `run.sh: line 31:  6521 Killed python3 train.py`. */
const JOINED = new RegExp(`^(?:> )?[^ ]{1,200}: line \\d{1,7}: {1,12}(\\d{1,10}) {1,4}${WORDS}(?= [^ (])`);
/** What a report puts in front of a quoted text: `StdErr: "`. */
const QUOTED = /^(?:[Ss]td[Ee]rr: {0,4})?["'`“]/;
/** What a page sets in bold or as code: `**Killed**`. */
const EMPHASISED = /^(\*{1,3}|`{1,3}|__)([^*`]{1,300})\1$/;
/** What a collector of logs puts in front of each line. */
const TIME =
  /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?:? {1,4}(?=Killed$|[^ ]{1,200}: line \d)/;
/** The program behind a job's word: `  python3 train.py`. */
const COMMAND =
  /^ {1,40}(?:\( {1,4})?(?:[A-Za-z_]\w{0,60}=[^ ]{0,200} ){0,8}(?:[^ ]{0,200}\/)?([^ /(]{1,64})/;

/** `Killed`, `run.sh: line 28:  8156 Killed      python3 train.py`, `[1]+  Killed  python`, `zsh: killed     python`. */
function shell(line: string): MaybeEnding {
  const text = line.trim().replace(EMPHASISED, '$2').replace(QUOTED, '').replace(TIME, '');
  const job = JOB.exec(text) ?? JOINED.exec(text);
  const word = BARE.exec(text)?.[1] ?? job?.[2];
  if (word === undefined) return null;
  // A job's line ends in its command.
  const command = job === null ? undefined : COMMAND.exec(text.slice(job[0].length))?.[1];
  return {
    kind: 'signal',
    by: 'shell',
    signal: signalNumber(word),
    ...named({ pid: numberOf(job?.[1]), process: command }),
  };
}

/** Ray Tune's account of its trials, all of which have failed: `Number of trials: 2/2 (2 ERROR)`, `Trial status: 2 ERROR`. */
const ALL_TRIALS = /^(?:Number of trials: (\d{1,6})(?:\/\1)? \(\1 ERROR\)|Trial status: \d{1,6} ERROR)\s*$/;

function tune(line: string): MaybeEnding {
  return ALL_TRIALS.test(line) ? { kind: 'launcher', by: 'ray tune' } : null;
}
