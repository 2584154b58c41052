/** Dark, light, or as the system has it; kept by the browser. */
import { useEffect, useState } from 'preact/hooks';

export type Choice = 'auto' | 'dark' | 'light';
const choices: Choice[] = ['auto', 'dark', 'light'];
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

const read = (): Choice => {
  const kept = localStorage.getItem('esper-theme');
  return choices.includes(kept as Choice) ? (kept as Choice) : 'auto';
};

function apply(): void {
  const choice = read();
  document.documentElement.dataset.theme = choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice;
  for (const listener of listeners) listener();
}
dark.addEventListener('change', apply);
apply();

export function nextTheme(): void {
  localStorage.setItem('esper-theme', choices[(choices.indexOf(read()) + 1) % choices.length]!);
  apply();
}

/** `theme` is what is shown, `choice` what was chosen. */
export function useTheme(): { theme: string; choice: Choice } {
  const [, again] = useState(0);
  useEffect(() => {
    const listen = () => again(n => n + 1);
    listeners.add(listen);
    return () => void listeners.delete(listen);
  }, []);
  return { theme: document.documentElement.dataset.theme ?? 'dark', choice: read() };
}
