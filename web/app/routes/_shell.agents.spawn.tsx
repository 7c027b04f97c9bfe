import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useLoaderData, useNavigate } from '@remix-run/react';
import { useState } from 'react';
import { registerAgent } from '#server/contracts/agents.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { mostCapacity, workingTypes } from '#workflows/domain/agents/agent.ts';
import { Card } from '../components/card.tsx';
import { CommandForm } from '../components/command-form.tsx';
import { Checkbox, Field, Select, TextInput } from '../components/field.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useCommand } from '../lib/use-command.ts';

export const meta: MetaFunction = () => [{ title: 'New agent · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Agents', to: '/agents' }, { label: 'New' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const { items } = await apiFor(where)(listProjects, { query: { limit: 200 } });
  return { projects: items.map(({ id, name }) => ({ id, name })) };
};

const phases = ['REQUIREMENTS', 'DESIGN', 'IMPLEMENTATION', 'TESTING', 'DEPLOYMENT'];

/** Registers an agent. The platform fills it with runs at once; one that runs elsewhere shows its key here, once. */
export default function SpawnAgent() {
  const { projects } = useLoaderData<typeof loader>();
  const register = useCommand(registerAgent);
  const navigate = useNavigate();
  const [made, setMade] = useState<{ id: string; name: string; key: string }>();
  const submit = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '');
    const agent_type = workingTypes.find((type) => type === text('agent_type')) ?? 'worker';
    const agent = await register.run({
      body: {
        agent_type,
        ...(text('project_id') ? { project_id: text('project_id') } : {}),
        ...(text('phase_id') ? { phase_id: text('phase_id') } : {}),
        capabilities: text('capabilities')
          .split(',')
          .map((word) => word.trim())
          .filter(Boolean),
        capacity: Number(text('capacity')),
        elsewhere: form.get('elsewhere') !== null,
      },
    });
    if (agent?.key) setMade({ id: agent.id, name: agent.name, key: agent.key });
    else if (agent) void navigate(`/agents/${agent.id}`);
  };
  if (made)
    return (
      <div>
        <PageTitle title={made.name} note="The program needs this key. It is shown only now." />
        <Card title="Key">
          <code className="text-sm break-all">{made.key}</code>
          <p className="mt-4 text-sm">
            <Link to={`/agents/${made.id}`}>Go to the agent</Link>
          </p>
        </Card>
      </div>
    );
  return (
    <div>
      <PageTitle title="New agent" note="A place for tasks that want its capabilities." />
      <Card>
        <CommandForm
          command={register}
          act="Register"
          buttonAt="start"
          problemsAt={['capabilities', 'capacity']}
          onSubmit={submit}
        >
          <Field label="Project">
            <Select name="project_id" defaultValue={projects[0]?.id ?? ''}>
              <option value="">Any project</option>
              {projects.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Type">
            <Select name="agent_type">
              {workingTypes.map((type) => (
                <option key={type} value={type}>
                  {type}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Phase">
            <Select name="phase_id" defaultValue="PHASE_IMPLEMENTATION">
              <option value="">Any phase</option>
              {phases.map((phase) => (
                <option key={phase} value={`PHASE_${phase}`}>
                  {phase.toLowerCase()}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Capabilities" hint="Separated by commas. Tasks that want them go to this agent.">
            <TextInput name="capabilities" maxLength={1000} placeholder="typescript, sql" />
          </Field>
          <Field label="Capacity" hint={`Tasks at once, 1 to ${mostCapacity}.`}>
            <TextInput name="capacity" type="number" min={1} max={mostCapacity} required defaultValue={1} />
          </Field>
          <Checkbox name="elsewhere" label="It runs elsewhere: a program with its own key, which works by REST" />
        </CommandForm>
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
