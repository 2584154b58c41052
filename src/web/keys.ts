/** Keys of a page. None works while something is typed, or with Ctrl, Alt or Meta held. */
import { useEffect, useRef } from 'preact/hooks';

export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (event.ctrlKey || event.altKey || event.metaKey || target?.matches('input, select, textarea'))
        return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** For the help. */
export const keyHelp: [string, string][] = [
  ['0', 'show the whole run'],
  ['+ −', 'zoom in, out'],
  ['← →', 'pan'],
  ['x', 'by number or by time'],
  ['d r', 'next device, next rank'],
  ['Esc', 'back from a moment to the newest'],
  ['g', 'all runs'],
  ['/', 'filter the runs'],
  ['t', 'dark, light, or as the system has it'],
  ['?', 'this help'],
];
