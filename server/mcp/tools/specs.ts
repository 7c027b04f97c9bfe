import { z } from 'zod';
import { addPlannedTask, putDesign } from '../../contracts/gate-edits.ts';
import { addCriterion, addRequirement } from '../../contracts/requirements.ts';
import { approveDesign, approveRequirements, createSpec } from '../../contracts/spec-life.ts';
import { getSpec, listProjectSpecs } from '../../contracts/specs.ts';
import { given, id, page, tool, type Tool } from '../tool.ts';
import { getsTask } from './tasks.ts';
import { createsTicket, getsTicket } from './tickets.ts';

const spec_id = id('the spec');
const named = (name: string) => `mcp__spec_workflow__${name}`;

/** A tool that changes a plan at its gate: it takes what the call takes, beside the spec. */
function edit(name: string, call: typeof addRequirement | typeof addPlannedTask, description: string): Tool {
  return tool(named(name), call, description, z.object({ spec_id, ...call.body.shape }), (input) => {
    const { spec_id: spec, ...body } = input as Record<string, unknown>;
    return { params: { id: spec }, body: given(body) };
  });
}

export const specTools = [
  tool(
    named('create_spec'),
    createSpec,
    'Create a draft of a spec. Where the project has a similar open one, nothing is created and the similar ones are named. A person starts it.',
    z.object({
      project_id: id('the project'),
      title: z.string().trim().min(3).max(500),
      description: z.string().min(10).max(50_000).describe('What is wanted, in the words of who asks for it.'),
      force_create: z.boolean().optional().describe('Create it although the project has a similar open spec.'),
    }),
    (input) => ({ body: given(input) }),
  ),
  tool(
    named('get_spec'),
    getSpec,
    'Get a spec: its text, phase, status, what it waits for, its version and its pull request.',
    z.object({ spec_id }),
    (input) => ({ params: { id: input.spec_id } }),
  ),
  tool(
    named('list_project_specs'),
    listProjectSpecs,
    'List the specs of a project, newest first.',
    z.object({ project_id: id('the project'), search: z.string().trim().max(200).optional(), ...page(200, 50) }),
    ({ project_id, ...query }) => ({ params: { id: project_id }, query: given(query) }),
  ),
  edit(
    'add_requirement',
    addRequirement,
    'Add a requirement to a spec while its requirements wait at their gate. version is that of get_spec.',
  ),
  tool(
    named('add_acceptance_criterion'),
    addCriterion,
    'Add a criterion to a requirement while the requirements wait at their gate. version is that of get_spec.',
    z.object({ spec_id, requirement_id: z.string().min(1).max(200), ...addCriterion.body.shape }),
    ({ spec_id: spec, requirement_id: requirement, ...body }) => ({
      params: { id: spec, requirement },
      body: given(body),
    }),
  ),
  tool(
    named('update_design'),
    putDesign,
    'Replace parts of the design of a spec while it waits at its gate. Parts that are not named stay. version is that of get_spec.',
    z.object({
      spec_id,
      version: addRequirement.body.shape.version,
      design: z.record(z.string(), z.unknown()).describe('The parts that change, by their names.'),
    }),
    ({ spec_id: spec, version, design }) => ({ params: { id: spec }, body: { ...design, version } }),
  ),
  edit(
    'add_spec_task',
    addPlannedTask,
    'Add a task to the plan of a spec while it waits at its gate. version is that of get_spec.',
  ),
  createsTicket(named('create_ticket')),
  getsTicket(named('get_ticket')),
  getsTask(named('get_task')),
  tool(
    named('approve_requirements'),
    approveRequirements,
    'Approve the requirements of a spec at their gate. Only the key of a person may.',
    z.object({ spec_id }),
    (input) => ({ params: { id: input.spec_id } }),
  ),
  tool(
    named('approve_design'),
    approveDesign,
    'Approve the design of a spec at its gate. Only the key of a person may.',
    z.object({ spec_id }),
    (input) => ({ params: { id: input.spec_id } }),
  ),
];
