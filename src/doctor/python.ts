/** The Python that Esper starts, and where it finds the client. */
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

type Env = Readonly<NodeJS.ProcessEnv>;

const client = fileURLToPath(new URL('../../python', import.meta.url));

/** `ESPER_PYTHON`, else python3. */
export const pythonOf = (env: Env): string => env.ESPER_PYTHON || 'python3';

/** The environment in which a Python imports from `folder` first: Esper's client by default. */
export const withPythonPath = (env: Env, folder = client): NodeJS.ProcessEnv => ({
  ...env,
  PYTHONPATH: [folder, env.PYTHONPATH].filter(Boolean).join(delimiter),
});
