import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { knownRequirements, namedRequirements, requirementsPage } from '#scripts/gen/requirements-page.ts';
import { workflowId } from '#workflows/contracts/ids.ts';

const read = (file: string) => readFileSync(path.join(rootDir, file), 'utf8');

/** Every Markdown file that is written by hand, by its path from the root. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'AGENTS.md',
  ...(readdirSync(path.join(rootDir, 'docs'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe('requirements', () => {
  test('the table explains each id that code or a test names, and no other', () => {
    expect(knownRequirements().sort()).toEqual([...namedRequirements().keys()].sort());
  });

  test('the page is what `npm run gen` writes', () => {
    expect(read('docs/requirements.md')).toBe(requirementsPage());
  });
});

describe('workflow ids', () => {
  test('docs/operations.md lists each as the code makes it', () => {
    const names: Record<keyof typeof workflowId, string> = {
      spec: workflowId.spec('ID'),
      specPhase: workflowId.specPhase('ID', 'PHASE'),
      projectQueue: workflowId.projectQueue('ID'),
      guardian: workflowId.guardian('ID'),
      conductor: workflowId.conductor('ID'),
      health: workflowId.health('ID'),
      heartbeats: workflowId.heartbeats('ID'),
      ticket: workflowId.ticket('ID'),
      approval: workflowId.approval('ID'),
      task: workflowId.task('ID'),
      run: workflowId.run('ID'),
      memory: workflowId.memory('ID', 1).replace(/1$/, 'N'),
      discovery: workflowId.discovery('ID'),
      diagnostic: workflowId.diagnostic('ID'),
      merge: workflowId.merge('ID', 1).replace(/1$/, 'N'),
      pullRequest: workflowId.pullRequest('ID'),
      preview: workflowId.preview('ID', 1).replace(/1$/, 'N'),
      question: workflowId.question('ID', 1).replace(/1$/, 'N'),
      repository: workflowId.repository('ID'),
      title: workflowId.title('ID'),
      survey: workflowId.survey('ID'),
      notices: workflowId.notices('ID'),
      mcpCall: workflowId.mcpCall('ID'),
      alertDelivery: workflowId.alertDelivery('ID'),
      mail: workflowId.mail('ID'),
      billing: workflowId.billing('ID'),
      dunning: workflowId.dunning('ID'),
      watchdog: workflowId.watchdog(),
      retention: workflowId.retention(),
      reembedding: workflowId.reembedding(),
      reembed: workflowId.reembed('TABLE'),
    };
    const section = read('docs/operations.md').split('## Workflow ids')[1]?.split('\n## ')[0] ?? '';
    const listed = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(Object.values(names).sort());
  });

  test('no page names one that the code never makes', () => {
    const forms = [
      /^(spec|ticket|approval|task|run|discovery|diagnostic|pr|repository|survey|title|notices|mail|alert|mcp|billing|dunning|heartbeats):(ID|\{id\})$/,
      /^spec:ID:(PHASE|\{phase\}|[a-z]+)$/,
      /^(merge|preview|question|memory):ID:N$/,
      /^project:ID:(queue|guardian|conductor|health)$/,
    ];
    const wrong = pages.flatMap((page) =>
      [...read(page).matchAll(/\b[a-z]+:(?:ID|\{id\})(?::[\w{}]+)*/g)]
        .map(([id]) => id)
        .filter((id) => !forms.some((form) => form.test(id)))
        .map((id) => `${page}: ${id}`),
    );
    expect(wrong).toEqual([]);
  });
});

test('links between pages and to files lead somewhere', () => {
  const exists = (file: string) => {
    try {
      return readdirSync(path.dirname(file)).includes(path.basename(file));
    } catch {
      return false;
    }
  };
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => path.join(rootDir, path.dirname(page), target))
      .filter((target) => !exists(target.replace(/\/$/, '')))
      .map((target) => `${page}: ${path.relative(rootDir, target)}`),
  );
  expect(broken).toEqual([]);
});

test('paths that the pages name in backticks exist', () => {
  const rooms = 'workflows|activities|server|web|prisma|temporal|scripts|tests|config|docs';
  const written = pages.filter((page) => page !== 'docs/requirements.md');
  const gone = written.flatMap((page) =>
    [
      ...read(page).matchAll(
        new RegExp('`((?:' + rooms + ')/[\\w./-]+\\.(?:ts|tsx|mjs|yaml|yml|prisma|json|md))`', 'g'),
      ),
    ]
      .map(([, file = '']) => file)
      .filter((file) => {
        try {
          read(file);
          return false;
        } catch {
          return true;
        }
      })
      .map((file) => `${page}: ${file}`),
  );
  expect(gone).toEqual([]);
});
