import { vitePlugin as remix } from '@remix-run/dev';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Read from the repository's root, where Remix finds package.json. */
export default defineConfig(({ command }) => ({
  cacheDir: '.cache/vite',
  publicDir: 'web/public',
  plugins: [
    tailwindcss(),
    remix({
      appDirectory: 'web/app',
      // The start builds beside what is there, see scripts/supervisor/prepare.ts.
      buildDirectory: process.env.WEB_BUILD_DIRECTORY ?? 'web/build',
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_singleFetch: true,
        v3_lazyRouteDiscovery: false,
      },
    }),
  ],
  // Found before the first page is asked for: a dependency found later would load React a second time.
  optimizeDeps: { entries: ['web/app/**/*.{ts,tsx}'] },
  // One module an icon or a part: bundled, the server of a build loads those it draws.
  ssr: {
    noExternal:
      command === 'build' ? ['lucide-react', 'radix-ui', /^@radix-ui/, /^@atlaskit/] : ['lucide-react', /^@atlaskit/],
  },
  // The content policy takes fonts from this origin alone, not from the style sheet's own text.
  build: { assetsInlineLimit: 0 },
  server: { watch: { ignored: ['**/.omoios/**', '**/.cache/**', '**/.git/**', '**/tests/**'] } },
}));
