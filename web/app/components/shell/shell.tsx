import { useLocation } from '@remix-run/react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import type { useLoaderData } from '@remix-run/react';
import { plural } from '../../lib/format.ts';
import { useRefreshOn } from '../../lib/live.tsx';
import type { loadShell } from '../../lib/shell.server.ts';
import { useRoomForTwo } from '../../lib/use-media.ts';
import { usePreference } from '../../lib/use-preference.ts';
import { UnpaidProvider } from '../billing/unpaid-provider.tsx';
import { ToastProvider } from '../toast.tsx';
import { BrowserNotices } from './browser-notices.tsx';
import { Header } from './header.tsx';
import { Panel } from './panel.tsx';
import { Rail } from './rail.tsx';
import { useShortcuts } from './use-shortcuts.ts';

// Loaded when they are opened: most visits need none of them.
const Palette = lazy(() => import('./palette.tsx'));
const Help = lazy(() => import('./help.tsx'));
const PanelSheet = lazy(() => import('./panel-sheet.tsx'));

export type ShellData = ReturnType<typeof useLoaderData<typeof loadShell>>;

const counted =
  /^(run\.(created|started|status_changed|ended)|spec\.(created|status_changed|gate_)|pull_request\.|ticket\.review|question\.|project\.)/;

/**
 * The frame of every page: the rail of sections, the panel that goes with the page, the header, the page. `refreshMs`:
 * the shortest time between two refreshes of the counts.
 */
export function Shell({ shell, refreshMs, children }: { shell: ShellData; refreshMs: number; children: ReactNode }) {
  const [over, setOver] = useState<'palette' | 'help' | 'panel'>();
  const [panel, setPanel] = usePreference('panel');
  const beside = useRoomForTwo();
  const close = () => setOver(undefined);
  const togglePanel = () => {
    if (beside) setPanel(panel === 'open' ? 'closed' : 'open');
    else setOver('panel');
  };
  const { pathname } = useLocation();
  useEffect(() => setOver(undefined), [pathname]);
  useRefreshOn((event) => counted.test(event.type), refreshMs);
  useShortcuts({ openPalette: () => setOver('palette'), openHelp: () => setOver('help'), togglePanel });
  return (
    <ToastProvider>
      <div className="min-h-dvh md:flex">
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-sm text-on-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <Rail waiting={shell.waiting} onHelp={() => setOver('help')} />
        <Panel shell={shell} open={panel === 'open'} onToggle={togglePanel} />
        <div className="flex min-w-0 flex-1 flex-col pb-14 md:pb-0">
          <Header
            shell={shell}
            onPanel={() => setOver('panel')}
            onSearch={() => setOver('palette')}
            onHelp={() => setOver('help')}
          />
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto w-full max-w-[90rem] min-w-0 flex-1 px-3 py-5 outline-none md:px-6"
          >
            <UnpaidProvider>{children}</UnpaidProvider>
          </main>
        </div>
        <Announcements waiting={shell.waiting} />
        <BrowserNotices waiting={shell.waiting} />
        {over && (
          <Suspense>
            {over === 'palette' && <Palette onClose={close} onHelp={() => setOver('help')} projects={shell.projects} />}
            {over === 'help' && <Help onClose={close} />}
            {over === 'panel' && !beside && <PanelSheet shell={shell} onClose={close} />}
          </Suspense>
        )}
      </div>
    </ToastProvider>
  );
}

/** Says to screen readers which page is shown, and that more waits for the person; never the stream. */
function Announcements({ waiting }: { waiting: number }) {
  const { pathname } = useLocation();
  const [words, setWords] = useState('');
  const before = useRef({ pathname, waiting });
  useEffect(() => {
    const { current } = before;
    if (current.pathname !== pathname) setWords(document.title);
    else if (waiting > current.waiting) setWords(`${plural(waiting, 'item')} waiting for you`);
    before.current = { pathname, waiting };
  }, [pathname, waiting]);
  return (
    <div aria-live="polite" className="sr-only">
      {words}
    </div>
  );
}
