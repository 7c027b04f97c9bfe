import path from 'node:path';

/** The programs of the stack and the command line, by the names of their files in `compiledDir`. */
export const programs = {
  'server/main': 'server/main.ts',
  'temporal/worker-main': 'temporal/worker-main.ts',
  'supervisor/database-process': 'scripts/supervisor/database-process.ts',
  'machine/process': 'activities/adapters/machine/process.ts',
  'cli/main': 'scripts/cli/main.ts',
};

export const compiledDir = '.cache/programs';

/** How to start a program: compiled, or from its source, which loads several times slower. */
export const programArguments = (name: keyof typeof programs, fromSource: boolean): string[] =>
  fromSource ? ['--import', 'tsx', programs[name]] : ['--enable-source-maps', path.join(compiledDir, `${name}.js`)];
