import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument, Scalar, type Document, type ScalarTag } from 'yaml';
import type { z } from 'zod';
import { Evidence, scenarioSchema, sessionsSchema, sessionsWith, type Scenario } from './scenario-schema.ts';

/** A scenario that is not valid. The message names file and line. */
class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/**
 * The scenarios of a folder (`*.yaml`, without subfolders), in the order of their names.
 * @param tools names of the tools that a scenario may call; absent: any name.
 * @throws ScenarioError for bad YAML, a missing file, or content that the format does not allow.
 */
export function loadScenarios(folder: string, tools?: readonly string[]): Scenario[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  if (names.length === 0) throw new ScenarioError(`There is no scenario (*.yaml) in ${folder}.`);
  return names.map((name) => loadScenario(path.join(folder, name), tools ? sessionsWith(tools) : sessionsSchema));
}

function loadScenario(file: string, schema: typeof sessionsSchema): Scenario {
  const { include, ...head } = readScenarioHead(file);
  return {
    ...head,
    sessions: include.flatMap((part) => checked(readYaml(path.resolve(path.dirname(file), part)), schema)),
  };
}

/** A scenario without its sessions. */
export function readScenarioHead(file: string): z.output<typeof scenarioSchema> {
  return checked(readYaml(file), scenarioSchema);
}

interface YamlFile {
  file: string;
  document: Document;
  lines: LineCounter;
}

function readYaml(file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(contentOf(file), {
    lineCounter: lines,
    customTags: valueTags(path.dirname(file)),
    prettyErrors: false,
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new ScenarioError(`${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`);
  return { file, document, lines };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ScenarioError(`${file} cannot be read.`);
  }
}

function valueTags(folder: string): ScalarTag[] {
  const tag = (name: string, value: (text: string) => unknown): ScalarTag => ({
    tag: `!${name}`,
    resolve: (text) => new Scalar(value(text.trim())),
  });
  return [
    tag('text', (name) => contentOf(path.resolve(folder, name))),
    tag('data', (name) => readYaml(path.resolve(folder, name)).document.toJS()),
    tag('evidence', (labels) => new Evidence(labels.split(/\s+/))),
  ];
}

function checked<S extends z.ZodType>({ file, document, lines }: YamlFile, schema: S): z.output<S> {
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw new ScenarioError(
    parsed.error.issues
      .map((issue) => `${file}:${lineOf(document, lines, issue.path)}: ${issue.path.join('.')}: ${issue.message}`)
      .join('\n'),
  );
}

/** The line of a value, or of the nearest existing value around it. */
function lineOf(document: Document, lines: LineCounter, at: readonly PropertyKey[]): number {
  for (let length = at.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(at.slice(0, length), true);
    const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}
