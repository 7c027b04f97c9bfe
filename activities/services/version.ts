import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from './config.ts';

/** The version of OmoiOS from package.json, which the application, the CLI and /health show. */
export const { version } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8')) as { version: string };
