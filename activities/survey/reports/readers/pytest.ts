import { fits, quote } from '../command-line.ts';
import { joinId, readJunit } from '../junit.ts';
import type { ReportReader } from '../reader.ts';

const mentions = /\bpytest\b/;

/** pytest takes further arguments from a variable, so the command stays as it is, behind `uv run`, tox and nox too. */
export const pytest: ReportReader = {
  name: 'pytest',
  instrument(command, reportFile) {
    const direct = command.find(/^(pytest|py\.test)$/);
    const tox = command.find(/^(tox|nox)$/);
    const configured = ['tox.ini', 'noxfile.py', 'pyproject.toml', 'setup.cfg'].map((name) => command.root.file(name));
    if (!direct && !(tox && configured.some((text) => mentions.test(text ?? '')))) return undefined;
    const own = direct && ownReport(direct.args);
    return {
      command: command.text,
      env: {
        // The older family of the format names the file of each test.
        PYTEST_ADDOPTS: `--junitxml=${quote(reportFile)} -o junit_family=xunit1`,
        ...(tox ? { TOX_OVERRIDE: 'testenv.pass_env+=PYTEST_ADDOPTS' } : {}),
      },
      reports: [reportFile, ...(own ? [`**/${own}`] : [])],
    };
  },
  read: (reports) =>
    readJunit(reports, ({ name, classname, file }) => {
      const module = file.replace(/\.py$/, '').replaceAll('/', '.');
      const inside = classname.startsWith(module) ? classname.slice(module.length).replace(/^\./, '') : classname;
      // A file that cannot be imported is named by its module alone.
      return classname === '' && name === module ? file : joinId(file, ...inside.split('.'), name);
    }),
  only(command, ids) {
    const nodes = fits(ids.map((id) => id.replaceAll(' > ', '::')));
    return nodes && command.append(command.find(/^(pytest|py\.test)$/), nodes);
  },
};

/** A report that the command itself asks for wins over ours. */
function ownReport(args: string[]): string | undefined {
  const at = args.findIndex((word) => /^--junit-?xml(=|$)/.test(word));
  const file = at < 0 ? undefined : args[at]?.includes('=') ? args[at].split('=')[1] : args[at + 1];
  return file?.replace(/^\.\//, '');
}
