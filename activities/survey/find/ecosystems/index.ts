import type { Ecosystem } from '../ecosystem.ts';
import { autotools } from './autotools.ts';
import { bun } from './bun.ts';
import { bundler } from './bundler.ts';
import { cargo } from './cargo.ts';
import { cmake } from './cmake.ts';
import { composer } from './composer.ts';
import { dotnet } from './dotnet.ts';
import { go } from './go.ts';
import { gradle } from './gradle.ts';
import { just } from './just.ts';
import { make } from './make.ts';
import { maven } from './maven.ts';
import { npm } from './npm.ts';
import { pip } from './pip.ts';
import { pnpm } from './pnpm.ts';
import { poetry } from './poetry.ts';
import { uv } from './uv.ts';
import { yarn } from './yarn.ts';

/** Of ecosystems with one language, the first that finds something counts: npm and pip take what is left. */
export const ecosystems: readonly Ecosystem[] = [
  pnpm,
  yarn,
  bun,
  npm,
  uv,
  poetry,
  pip,
  go,
  cargo,
  maven,
  gradle,
  bundler,
  composer,
  dotnet,
  cmake,
  autotools,
  just,
  make,
];
