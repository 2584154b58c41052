/** `esper doctor`: what is here, what is risky, what will not be measured and why. */
import { Command } from 'commander';
import { outsideText } from '../base/index.ts';
import { type DoctorFinding, examine, type FindingLevel } from '../doctor/index.ts';
import { jsonOption, runsOption } from './options.ts';
import { sayError, sayJson } from './say.ts';

const FINE = 0;
const RISKS = 1;
const COULD_NOT_RUN = 2;
const BAD: readonly FindingLevel[] = ['risk', 'blocked'];

const colours: Record<FindingLevel, string> = { ok: '32', note: '2', risk: '33', blocked: '1;31' };

function text(findings: DoctorFinding[], colour: boolean): string {
  const lines = findings.flatMap(({ level, what, next }) => {
    const label = level.padEnd(7);
    return [
      `${colour ? `\x1b[${colours[level]}m${label}\x1b[0m` : label} ${outsideText(what)}`,
      ...(next === null ? [] : [`        → ${outsideText(next)}`]),
    ];
  });
  const bad = findings.filter(({ level }) => BAD.includes(level)).length;
  const verdict = bad === 0 ? 'No risks found.' : bad === 1 ? 'One risk found.' : `${bad} risks found.`;
  return [...lines, verdict].join('\n');
}

export const doctorCommand = () =>
  new Command('doctor')
    .description(
      'Looks at the GPU and its driver, PyTorch, the allocator’s configuration, memory, the terminal and the folder of ' +
        'runs, and reports what is risky and what will not be measured, each with one next step.\n' +
        `Exit status: ${FINE} nothing risky, ${RISKS} risks found, ${COULD_NOT_RUN} it could not look.`,
    )
    .addOption(runsOption())
    .addOption(jsonOption('the findings'))
    .addHelpText(
      'after',
      '\nExample:\n  esper doctor --json | jq -r \'.findings[] | select(.level == "risk") | .id\'',
    )
    .action(async ({ runs, json }: { runs: string; json?: boolean }) => {
      try {
        const findings = await examine({
          env: process.env,
          runs,
          terminal: {
            isTty: process.stdout.isTTY ?? false,
            columns: process.stdout.columns ?? null,
            rows: process.stdout.rows ?? null,
          },
          nodeVersion: process.versions.node,
        });
        const risks = findings.some(({ level }) => BAD.includes(level));
        const colour = (process.stdout.isTTY ?? false) && !process.env.NO_COLOR;
        if (json) sayJson({ risks, findings }, 2);
        else console.log(text(findings, colour));
        process.exitCode = risks ? RISKS : FINE;
      } catch (error) {
        sayError(`esper: The doctor could not look: ${(error as Error).message}`);
        process.exitCode = COULD_NOT_RUN;
      }
    });
