import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Links, Meta, Outlet, Scripts, ScrollRestoration } from '@remix-run/react';
import type { ReactNode } from 'react';
import { PageError } from './components/page-error.tsx';
import { TooltipProvider } from './components/tooltip.tsx';
import { useNonce } from './lib/nonce.ts';
import { preferencesOf } from './lib/preferences.ts';
import { usePreferences } from './lib/use-preference.ts';
import styles from './styles.css?url';

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: styles },
  { rel: 'icon', href: '/favicon.svg', type: 'image/svg+xml' },
];
export const meta: MetaFunction = () => [
  { title: 'OmoiOS' },
  { name: 'description', content: 'Describe a feature before bed, wake up to a reviewed pull request.' },
];

export const loader = ({ request }: LoaderFunctionArgs) => preferencesOf(request.headers.get('cookie'));

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const { theme, density, font, contrast, motion } = usePreferences();
  return (
    <html
      lang="en"
      data-theme={theme}
      data-density={density}
      data-font={font}
      data-contrast={contrast}
      data-motion={motion}
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <Meta />
        <Links />
      </head>
      <body>
        <TooltipProvider>{children}</TooltipProvider>
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

/** For errors outside the shell; the shell route catches the errors of its pages. */
export function ErrorBoundary() {
  return (
    <main className="mx-auto max-w-md px-4 pt-24">
      <PageError />
    </main>
  );
}
