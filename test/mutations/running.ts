/** A command under `esper run`, and what is never recorded of it. */
import type { Mutation } from './mutation.ts';

export const running: readonly Mutation[] = [
  {
    rule: 'the relay goes on when Esper is gone',
    file: 'python/esper_telemetry/attach/relay.py',
    from: '            self.copy = None\n            self.waiting.clear()',
    to: '            raise',
    test: ['test/run/run.test.ts', 'the command lives on when Esper is killed'],
  },
  {
    rule: 'two outputs that are one file stay one, in their order',
    file: 'python/esper_telemetry/attach/relay.py',
    from: 'if key not in given or identity.st_rdev',
    to: 'if True or identity.st_rdev',
    test: ['test/run/run.test.ts', 'both outputs in one file keep their order'],
  },
  {
    rule: 'a command whose reader has left is ended as it would have been',
    file: 'python/esper_telemetry/attach/relay.py',
    from: '            except OSError:\n                return False',
    to: '            except OSError:\n                return True',
    test: ['test/run/run.test.ts', 'a reader that leaves ends the command'],
  },
  {
    rule: 'a signal that the command had already is not handed on again',
    file: 'python/esper_telemetry/attach/relay.py',
    from: '            if number in self.had:',
    to: '            if False:',
    test: ['test/run/run.test.ts', 'a signal of the whole group comes once'],
  },
  {
    rule: 'secrets in a command are hidden',
    file: 'src/log/run-folder.ts',
    from: 'command === null ? null : clearCommand(command)',
    to: 'command',
    test: ['test/run/run.test.ts', 'a command without torch is watched'],
  },
  {
    rule: 'a command that is not named is not loaded',
    file: 'src/cli/program.ts',
    from: 'args.includes(name) ? await load() : new Command(name)',
    to: 'await load()',
    test: ['test/path/typed-commands.test.ts', 'only the command that is named is loaded'],
  },
  {
    rule: 'on Windows nothing is begun that needs POSIX',
    file: 'src/cli/platform.ts',
    from: "platform === 'win32'",
    to: 'false',
    test: ['src/cli/platform.test.ts', 'what needs POSIX is refused before anything is begun'],
  },
  {
    rule: 'a text that a spreadsheet would run as a formula is none in CSV',
    file: 'src/cli/csv.ts',
    from: 'BEGINS_FORMULA.test(shown) && ',
    to: 'false && ',
    test: ['src/cli/csv.test.ts', 'text that a spreadsheet would run is text'],
  },
  {
    rule: 'what is no JSON in a file that a person writes is named with its line',
    file: 'src/base/json-file.ts',
    from: "text.slice(0, faultAt(text)).split('\\n').length",
    to: '1',
    test: [
      'src/base/json-file.test.ts',
      'wherever a document of one token a line is broken, that line is named',
    ],
  },
];
