import { check, type Ecosystem, emptyPart, noTests } from '../ecosystem.ts';
import { depthOf, isPlainPath } from '../folder.ts';

const solution = /^[^/]+\.slnx?$/;
const project = /^[^/]+\.(cs|fs|vb)proj$/;

export const dotnet: Ecosystem = {
  name: 'dotnet',
  language: 'dotnet',
  markers: /^.+\.(slnx?|(cs|fs|vb)proj)$/,
  files: ['global.json', 'packages.lock.json', 'Directory.Build.props'],
  find(folder) {
    const solutions = folder.find(solution);
    const [main] = [...solutions, ...folder.find(project)];
    if (!main) return undefined;
    const part = emptyPart();
    const file = folder.file(main);
    // With one solution or project in the folder, dotnet finds it by itself.
    const several = solutions.length > 1 || (solutions.length === 0 && folder.find(project).length > 1);
    if (several && !isPlainPath(main)) return undefined;
    const of = several ? ` ${main}` : '';
    const locked = folder.has('packages.lock.json') ? ' --locked-mode' : '';
    part.setup.push({ command: `dotnet restore${of}${locked}`, source: { file, line: 1 } });
    const tests = folder.find(/(^|[/._-])(unit|integration)?tests?\.(cs|fs|vb)proj$/i, 1).length > 0;
    if (tests) part.checks.push(check('test', `dotnet test${of} --no-restore`, file, 1));
    else part.missing.push(noTests('Add a project whose name ends with "Tests" to the solution.'));
    part.checks.push(check('build', `dotnet build${of} --no-restore`, file, 1));
    return part;
  },
  covers: (folder, below) => folder.find(solution, 1).length > 0 && depthOf(below) > 0,
};
