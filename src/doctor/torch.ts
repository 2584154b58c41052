/** The Python that would train: whether it has PyTorch, and what PyTorch has. No CUDA context is made. */
import { type DoctorFinding, note, ok, risk } from './finding.ts';
import { pythonOf } from './python.ts';
import { runProgram } from './run-program.ts';

const TIMEOUT_MS = 60_000;

const PROBE = `
import json, sys
found = {"python": sys.version.split()[0], "torch": None}
try:
    import torch
    found["torch"] = torch.__version__
    found["cuda"] = torch.version.cuda
    found["hip"] = getattr(torch.version, "hip", None)
    found["available"] = torch.cuda.is_available()
    found["devices"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if found["available"] else []
    found["backend"] = torch.cuda.get_allocator_backend() if hasattr(torch.cuda, "get_allocator_backend") else None
    mps = getattr(torch.backends, "mps", None)
    found["mps"] = bool(mps and mps.is_available())
    found["xpu"] = bool(hasattr(torch, "xpu") and torch.xpu.is_available())
except ImportError as error:
    found["missing"] = str(error)
except Exception as error:
    found["error"] = type(error).__name__ + ": " + str(error)
print(json.dumps(found))
`;

interface Found {
  python: string;
  torch: string | null;
  cuda?: string | null;
  hip?: string | null;
  available?: boolean;
  devices?: string[];
  backend?: string | null;
  mps?: boolean;
  xpu?: boolean;
  missing?: string;
  error?: string;
}

export interface TorchReport {
  /** null where no PyTorch was found. */
  version: string | null;
  findings: DoctorFinding[];
}

export async function torchReport(env: NodeJS.ProcessEnv): Promise<TorchReport> {
  const python = pythonOf(env);
  const { output, problem } = await runProgram(python, ['-c', PROBE], TIMEOUT_MS, {
    ...env,
    // Asks the driver instead of making a context, which takes seconds and memory.
    PYTORCH_NVML_BASED_CUDA_CHECK: '1',
  });
  const only = (finding: DoctorFinding): TorchReport => ({ version: null, findings: [finding] });
  if (output === null)
    return only(
      note(
        'torch.python',
        `There is no ${python}: --device cuda and the Python client need one.`,
        'Install Python 3.',
      ),
    );
  const found = problem === null ? parse(output) : null;
  if (found === null)
    return only(
      risk(
        'torch.python',
        `${python} did not report its PyTorch: ${problem ?? output.trim()}.`,
        `Run ${python} yourself.`,
      ),
    );
  if (found.torch === null)
    return only(
      note(
        'torch.missing',
        `${python} (${found.python}) has no PyTorch${found.error ? `: ${found.error}` : ''}: --device cuda cannot run, and logs of other machines can be watched all the same.`,
        'Activate the environment you train in, and run this again.',
      ),
    );
  return { version: found.torch, findings: torchFindings(found) };
}

function torchFindings(found: Found): DoctorFinding[] {
  const { torch, python, cuda, hip, devices = [] } = found;
  if (found.error)
    return [
      risk(
        'torch.broken',
        `PyTorch ${torch} does not work: ${found.error}.`,
        'Reinstall PyTorch for this driver.',
      ),
    ];
  const name = `PyTorch ${torch} on Python ${python}`;
  if (found.available && devices.length > 0) {
    const findings = [
      ok(
        'torch.cuda',
        `${name}, ${hip ? `ROCm ${hip}` : `CUDA ${cuda}`}: ${devices.map((d, i) => `cuda:${i} ${d}`).join(', ')}.`,
      ),
    ];
    if (found.backend && found.backend !== 'native')
      findings.push(
        risk(
          'torch.backend',
          `PyTorch's allocator is ${found.backend}: counters of its own allocator stay at zero.`,
          'Use backend:native where memory is to be understood.',
        ),
      );
    return findings;
  }
  if (found.mps)
    return [
      note(
        'torch.mps',
        `${name} on Metal: allocated and driver memory are measured, retries, peaks and fragmentation are not.`,
        'Watch the device’s use in Activity Monitor beside it.',
      ),
    ];
  if (found.xpu) return [ok('torch.xpu', `${name}, XPU.`)];
  if (cuda || hip)
    return [
      risk(
        'torch.no-device',
        `${name} is built for ${hip ? `ROCm ${hip}` : `CUDA ${cuda}`} and sees no device.`,
        'Check the driver, CUDA_VISIBLE_DEVICES and, in a container, --gpus.',
      ),
    ];
  return [
    note(
      'torch.cpu',
      `${name} is built for the CPU: no GPU memory is measured.`,
      'Install a build for your GPU, if there is one.',
    ),
  ];
}

function parse(output: string): Found | null {
  try {
    return JSON.parse(output.trim().split('\n').at(-1)!) as Found;
  } catch {
    return null;
  }
}
