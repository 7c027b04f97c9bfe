export interface FileRisk {
  level: 'high' | 'medium' | 'low';
  /** Made by a program from other files, or only moved: a reviewer reads it last, if at all. */
  mechanical: boolean;
  /** Why, in words; empty for an ordinary change. */
  reasons: string[];
}

interface ChangedFile {
  path: string;
  change_type: 'created' | 'modified' | 'deleted' | 'renamed';
  lines_added: number;
  lines_removed: number;
  binary?: boolean;
}

/** Changes of more lines are hard to read at once. */
const manyLines = 400;
const someLines = 100;

const lockFile =
  /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock|packages\.lock\.json|gradle\.lockfile|mix\.lock|flake\.lock)$/;
const manifest =
  /^(package\.json|pyproject\.toml|requirements.*\.txt|Cargo\.toml|go\.mod|pom\.xml|build\.gradle(\.kts)?|composer\.json|Gemfile|.*\.(cs|fs)proj|mix\.exs)$/;
const generated = /\.(snap|map|min\.(js|css)|pb\.go|g\.dart)$|_pb2(_grpc)?\.py$|\.generated\./;
const generatedFolder = /^(generated|__generated__|__snapshots__|vendor|node_modules|dist)$/;
const test = /(^|[./_-])(test|tests|spec|specs|__tests__)([./_-]|$)/i;
const guarded =
  /^(auth|authn|authz|authentication|authorization|login|sessions?|passwords?|permissions?|roles?|security|secrets?|crypto\w*|tokens?|oauth\d?|payments?|billing|checkout|stripe)$/i;
const delivery = /^(Dockerfile.*|.*\.tf|docker-compose.*|compose\.ya?ml|Jenkinsfile|\.gitlab-ci\.yml|Procfile)$/;
const schema = /\.(sql|prisma)$/i;
const document = /\.(md|mdx|rst|txt|adoc)$/i;

/** The words of a name: `passwordReset.test.ts` has password, Reset, test and ts. */
const words = (name: string) => name.split(/[^a-zA-Z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).filter(Boolean);

/** What a reviewer should know of a change before they read it, by its path and its size alone. */
export function fileRisk(file: ChangedFile): FileRisk {
  const parts = file.path.split('/');
  const name = parts.at(-1) ?? '';
  const size = file.lines_added + file.lines_removed;
  const mechanical =
    lockFile.test(name) ||
    generated.test(name) ||
    parts.slice(0, -1).some((folder) => generatedFolder.test(folder)) ||
    (file.change_type === 'renamed' && size === 0);
  if (mechanical) return { level: 'low', mechanical, reasons: [] };

  const isTest = test.test(file.path);
  const isDocument = document.test(name);
  const high: string[] = [];
  const medium: string[] = [];
  if (schema.test(name) || parts.slice(0, -1).some((folder) => /^migrations?$/.test(folder)))
    high.push('changes the database');
  if (!isTest && !isDocument && parts.some((part) => words(part).some((word) => guarded.test(word))))
    high.push('is about access, secrets or money');
  if (delivery.test(name) || /^(\.github\/workflows|\.circleci|\.buildkite)\//.test(file.path))
    high.push('changes how the project is built or delivered');
  if (manifest.test(name)) high.push('changes dependencies');
  if (isTest && file.change_type === 'deleted') high.push('deletes a test');
  else if (isTest && file.lines_removed > file.lines_added) high.push('takes lines out of a test');
  if (file.binary) medium.push('is a binary file');
  if (!isTest && file.change_type === 'deleted') medium.push('deletes a file');
  if (size > manyLines && !isDocument) high.push(`changes ${size} lines`);
  else if (size > someLines && !isDocument) medium.push(`changes ${size} lines`);
  const level = high.length > 0 ? 'high' : medium.length > 0 ? 'medium' : 'low';
  return { level, mechanical, reasons: [...high, ...medium] };
}
