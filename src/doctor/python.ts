/** The Python that Esper starts, and where it finds the client. */
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

type Env = Readonly<NodeJS.ProcessEnv>;

const client = fileURLToPath(new URL('../../python', import.meta.url));

/** `ESPER_PYTHON`, else python3; Windows has it as python. */
export const pythonOf = (env: Env, platform: NodeJS.Platform = process.platform): string =>
  env.ESPER_PYTHON || (platform === 'win32' ? 'python' : 'python3');

/** The environment in which a Python imports from `folder` first: Esper's client by default. */
export const withPythonPath = (env: Env, folder = client): NodeJS.ProcessEnv => ({
  ...env,
  PYTHONPATH: [folder, env.PYTHONPATH].filter(Boolean).join(delimiter),
});
