import { installRemedy } from '#workflows/domain/survey/diagnose.ts';
import type { SurveyedRoot } from '#workflows/domain/survey/environment.ts';
import type { ToolVersion } from '../ports/sandbox.ts';

/** Programs by which a tool is there, where they have another name than the tool. */
const programs: Record<string, string[]> = {
  python: ['python3', 'python'],
  rust: ['rustc', 'cargo'],
  java: ['java', 'javac'],
  ruby: ['ruby'],
  nodejs: ['node'],
  golang: ['go'],
};

/** The tools of a root with the versions that the sandbox has, and those that it lacks as missing. */
export function foundTools(root: SurveyedRoot, there: ToolVersion[]): Pick<SurveyedRoot, 'tools' | 'missing'> {
  const versionOf = (tool: string) =>
    there.find(({ name }) => (programs[tool] ?? [tool]).includes(name))?.version ?? null;
  const tools = root.tools.map((wanted) => ({ ...wanted, found: versionOf(wanted.tool) }));
  // A sandbox that lists nothing cannot say what it lacks.
  const lacking = there.length === 0 ? [] : tools.filter(({ tool, found }) => found === null && tool in programs);
  const missing = lacking.map(({ tool, version, source }) => ({
    what: `${tool}${version ? ` ${version}` : ''}, which ${source.file} asks for`,
    remedy: installRemedy('it'),
  }));
  return {
    tools,
    missing: [...root.missing, ...missing.filter(({ what }) => !root.missing.some((m) => m.what === what))],
  };
}
