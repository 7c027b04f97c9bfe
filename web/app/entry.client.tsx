import { RemixBrowser } from '@remix-run/react';
import { startTransition, StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';

// Parts that hold the page still behind a dialog add a style element, which the content policy lets in by its nonce.
Object.assign(globalThis, { __webpack_nonce__: document.querySelector('script')?.nonce });

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
  );
});
