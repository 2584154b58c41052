/** `esper config`: which configuration is read, and what it sets. */
import { Command } from 'commander';
import { applyConfig, CONFIG_NAME, configPath, readConfig, runsOf } from './config-file.ts';
import { jsonOption } from './options.ts';
import { say, sayJson } from './say.ts';

interface Setting {
  name: string;
  value: unknown;
}

const settingsOf = (settings: Readonly<Record<string, unknown>>, at = ''): Setting[] =>
  Object.entries(settings).flatMap(([key, value]) => {
    const name = at === '' ? key : `${at}.${key}`;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingsOf(value as Record<string, unknown>, name)
      : [{ name, value }];
  });

/** @param all the program with every command, which the file is checked against */
export const configCommand = (all: () => Promise<Command>) =>
  new Command('config')
    .description(
      `Shows which configuration is read and checks it: $ESPER_CONFIG, else the nearest ${CONFIG_NAME} from the working folder upwards, else ` +
        'esper/config.json in $XDG_CONFIG_HOME or ~/.config. It holds defaults of options, by command: {"runs": "/data/runs", "serve": {"port": 7071}}. ' +
        'Paths in it are relative to it. The command line and the environment win.',
    )
    .addOption(jsonOption('the path and the settings'))
    .addHelpText('after', '\nExample:\n  esper config --json')
    .action(async ({ json }: { json?: boolean }) => {
      const path = configPath(process.env, process.cwd());
      const file = readConfig(process.env, process.cwd());
      if (file !== null) applyConfig(await all(), file, () => true);
      const runs = process.env.ESPER_RUNS || (file === null ? null : runsOf(file)) || 'runs';
      if (json) return sayJson({ path, runs, settings: file?.settings ?? {} }, 2);
      say(
        path === null ? `No configuration: there is no ${CONFIG_NAME} here or above.` : `Read from ${path}`,
      );
      say(`Runs lie in ${runs}`);
      for (const { name, value } of settingsOf(file?.settings ?? {}))
        if (name !== 'runs') say(`${name} = ${JSON.stringify(value)}`);
    });
