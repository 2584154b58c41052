/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** Overwatch: the page of the address, and what all pages have. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import './style.css';
import { ComparePage } from './ComparePage.tsx';
import { GroupsPage } from './GroupsPage.tsx';
import { keyHelp, useKeys } from './keys.ts';
import { Dialog, Link } from './parts.tsx';
import { RunListPage } from './RunList.tsx';
import { RunPage, Trouble } from './RunPage.tsx';
import { go, type Route, useRoute } from './route.ts';
import { nextTheme, useTheme } from './theme.ts';

function Page({ route }: { route: Route }) {
  if (route.page === 'runs') return <RunListPage route={route} />;
  if (route.page === 'run') return <RunPage key={route.id} route={route} />;
  if (route.page === 'compare') return <ComparePage route={route} />;
  if (route.page === 'groups') return <GroupsPage key={route.groups.join('\n')} route={route} />;
  return <Trouble text="There is no such page." />;
}

function Overwatch() {
  const route = useRoute();
  const { choice } = useTheme();
  const [help, setHelp] = useState(false);
  useKeys({
    '?': () => setHelp(true),
    g: () => go({ page: 'runs' }),
    t: nextTheme,
    '/': () => {
      if (route.page !== 'runs') go({ page: 'runs' });
      requestAnimationFrame(() => document.getElementById('filter')?.focus());
    },
  });
  return (
    <>
      <header class="top">
        <Link to={{ page: 'runs' }} class="brand">
          <b>ESPER</b> Overwatch
        </Link>
        <nav class="push">
          <button type="button" onClick={nextTheme} title="Dark, light, or as the system has it (t)">
            {{ auto: '◐ auto', dark: '● dark', light: '○ light' }[choice]}
          </button>
          <button type="button" onClick={() => setHelp(true)} aria-label="Keys">
            ?
          </button>
        </nav>
      </header>
      <Page route={route} />
      {help && (
        <Dialog title="Keys" onClose={() => setHelp(false)}>
          <dl class="record">
            {keyHelp.map(([key, does]) => [
              <dt key={key}>
                <kbd>{key}</kbd>
              </dt>,
              <dd key={does}>{does}</dd>,
            ])}
          </dl>
          <p class="dim">Every figure’s name is a button that shows its meaning.</p>
        </Dialog>
      )}
    </>
  );
}

render(<Overwatch />, document.getElementById('app')!);
