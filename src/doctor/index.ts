/** What this machine, GPU, driver and allocator configuration allow: found by asking each, and reported as findings. */
import { allocatorFindings } from './allocator-conf.ts';
import type { DoctorFinding } from './finding.ts';
import { gpuFindings } from './gpu.ts';
import { containerFindings, memoryFindings, nodeFindings, runsFindings } from './host.ts';
import { standinFindings } from './standin.ts';
import { type Terminal, terminalFindings } from './terminal.ts';
import { torchReport } from './torch.ts';

export type { DoctorFinding, FindingLevel } from './finding.ts';
export { pythonOf, withPythonPath } from './python.ts';

export interface Examination {
  env: NodeJS.ProcessEnv;
  /** Folder of all runs. */
  runs: string;
  terminal: Terminal;
  nodeVersion: string;
}

/** Everything found, by area. Takes as long as PyTorch takes to import. Never throws for what it finds. */
export async function examine({ env, runs, terminal, nodeVersion }: Examination): Promise<DoctorFinding[]> {
  const [gpu, torch, standin] = await Promise.all([gpuFindings(env), torchReport(env), standinFindings(env)]);
  return [
    ...gpu,
    ...(gpu.some(({ id }) => id === 'gpu.none') ? [] : containerFindings()),
    ...torch.findings,
    ...standin,
    ...allocatorFindings(env, torch.version),
    ...memoryFindings(),
    ...terminalFindings(env, terminal),
    ...nodeFindings(nodeVersion),
    ...runsFindings(runs),
  ];
}
