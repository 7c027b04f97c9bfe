import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { listMemories, listPatterns, memoryEmbeddings, searchMemory } from '#server/contracts/memory.ts';
import { listPlaybook, listPlaybookChanges } from '#server/contracts/playbook.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { memoryTypes } from '#workflows/domain/memory/kinds.ts';
import { Card, Empty } from '../components/card.tsx';
import { Select, TextInput } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MemoryRow, typeName, type ShownMemory } from '../components/memory/memories.tsx';
import { Patterns } from '../components/memory/patterns.tsx';
import { Changes, Playbook } from '../components/memory/rules.tsx';
import { Vectors } from '../components/memory/vectors.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Tabs } from '../components/tabs.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Memory · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Memory' }] };

const modes = ['hybrid', 'semantic', 'keyword'] as const;

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams;
  const projects = (await api(listProjects, { query: { limit: 200 } })).items.map(({ id, name }) => ({ id, name }));
  const project_id = (projects.find(({ id }) => id === asked.get('project')) ?? projects[0])?.id;
  const of = { projects, project_id };
  if (!project_id)
    return {
      tab: 'search' as const,
      ...of,
      search: '',
      mode: modes[0],
      type: undefined,
      memories: [],
      embeddings: null,
    };
  switch (asked.get('tab')) {
    case 'patterns':
      return {
        tab: 'patterns' as const,
        ...of,
        patterns: (await api(listPatterns, { query: { project_id, limit: 100 } })).items,
      };
    case 'playbook':
      return {
        tab: 'playbook' as const,
        ...of,
        entries: (await api(listPlaybook, { query: { project_id, limit: 200 } })).items,
      };
    case 'insights':
      return {
        tab: 'insights' as const,
        ...of,
        changes: (await api(listPlaybookChanges, { query: { project_id, limit: 100 } })).items,
      };
    default: {
      const search = asked.get('search')?.trim().slice(0, 1000) ?? '';
      const mode = modes.find((name) => name === asked.get('mode')) ?? 'hybrid';
      const type = memoryTypes.find((name) => name === asked.get('type'));
      const memories: ShownMemory[] = search
        ? (
            await api(searchMemory, {
              body: {
                ...{ project_id, task_description: search, search_mode: mode, top_k: 50, similarity_threshold: 0.2 },
                ...(type ? { memory_types: [type] } : {}),
              },
            })
          ).results
        : (await api(listMemories, { query: { project_id, memory_type: type, limit: 50 } })).items;
      const embeddings = await api(memoryEmbeddings, {});
      return { tab: 'search' as const, ...of, search, mode, type, memories, embeddings };
    }
  }
};

const tabs = [
  { id: 'search', label: 'Search' },
  { id: 'patterns', label: 'Patterns' },
  { id: 'playbook', label: 'Playbook' },
  { id: 'insights', label: 'Changes' },
] as const;

/** What the work in a project taught: memories, patterns, rules, and how these changed. */
export default function Memory() {
  const page = useLoaderData<typeof loader>();
  const submit = useSubmit();
  useRefreshOn((event) => /^(memory|ace)\./.test(event.type), 2000);
  return (
    <div className="space-y-4">
      <PageTitle title="Memory" note="What tasks taught. Later tasks of the project are given what is like them.">
        {page.projects.length > 0 && (
          <Form className="w-56" onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}>
            {page.tab !== 'search' && <input type="hidden" name="tab" value={page.tab} />}
            <Select name="project" aria-label="Project" defaultValue={page.project_id} key={page.project_id}>
              {page.projects.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Form>
        )}
      </PageTitle>
      <Tabs label="Parts of the memory" tabs={tabs} active={page.tab} />
      {page.tab === 'search' && (
        <>
          <div className="flex flex-wrap items-center gap-3">
            <Form role="search" className="min-w-0 flex-1 basis-60">
              <input type="hidden" name="project" value={page.project_id ?? ''} />
              {page.mode !== 'hybrid' && <input type="hidden" name="mode" value={page.mode} />}
              {page.type && <input type="hidden" name="type" value={page.type} />}
              <TextInput
                type="search"
                name="search"
                aria-label="What a task is about"
                placeholder="What a task is about, then Enter"
                defaultValue={page.search}
                key={page.search}
              />
            </Form>
            <FilterLinks
              name="mode"
              label="Search by"
              chosen={page.mode === 'hybrid' ? '' : page.mode}
              options={[
                { value: '', label: 'Both' },
                { value: 'semantic', label: 'Similarity' },
                { value: 'keyword', label: 'Words' },
              ]}
            />
          </div>
          {page.embeddings && <Vectors embeddings={page.embeddings} />}
          <FilterLinks
            name="type"
            label="Type"
            chosen={page.type ?? ''}
            options={[{ value: '', label: 'All' }, ...memoryTypes.map((value) => ({ value, label: typeName(value) }))]}
          />
          <Card flush>
            {page.memories.length === 0 ? (
              <Empty title={page.search || page.type ? 'No such memory' : 'No memories yet'}>
                {page.search || page.type ? undefined : 'The first task that ends leaves one.'}
              </Empty>
            ) : (
              <ul className="divide-y">
                {page.memories.map((memory) => (
                  <MemoryRow key={`${memory.id} ${memory.updated_at}`} memory={memory} />
                ))}
              </ul>
            )}
          </Card>
        </>
      )}
      {page.tab === 'patterns' && <Patterns patterns={page.patterns} />}
      {page.tab === 'playbook' && <Playbook projectId={page.project_id ?? ''} entries={page.entries} />}
      {page.tab === 'insights' && <Changes changes={page.changes} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
