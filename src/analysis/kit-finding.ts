/** A refusal that a plugin of Omniverse Kit prints, which Isaac Sim and Isaac Lab run in. */
import { type TextFinding, textFinding } from './text-finding.ts';

/** The plugin in front of what the driver refused. */
const OF_KIT = /\[(?:carb|omni|gpu)\.[\w.]{1,60}\]/;

export const isOfKit = (message: string): boolean => OF_KIT.test(message);

/** @param asked what was refused, in words */
export const explainKit = (
  asked: string,
  { evidence, tool }: { evidence: (string | null)[]; tool: string },
): TextFinding =>
  textFinding({
    kind: 'full',
    says: `Out of GPU memory outside PyTorch, in the simulator (Omniverse Kit: Isaac Sim, Isaac Lab): ${asked} was refused. Mostly another process holds the device; errors of its plugins that follow come of it.`,
    evidence,
    confidence: 'likely',
    next: [
      `Look at ${tool} before it starts: end Kit processes that are left over, or choose another GPU (--device cuda:1; CUDA_VISIBLE_DEVICES does not bind its renderer: --/renderer/activeGpu=1).`,
      'Run it headless, without cameras or with fewer and smaller ones; then fewer environments, where there are many.',
    ],
  });
