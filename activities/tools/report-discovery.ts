import { z } from 'zod';
import { discoveryTypes, isDiagnostic } from '#workflows/domain/discovery/types.ts';
import { phaseIdsOfBoard, priorities } from '#workflows/domain/tasks/states.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import { defineTool } from './support/define-tool.ts';
import { toolSchema } from './support/tool-schema.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  type: z.enum(discoveryTypes),
  title: z.string().min(3).max(200).optional(),
  description: z.string().min(10, 'say in at least 10 characters what is wrong, where, and how to see it').max(10_000),
  priority: z.enum(priorities).optional(),
  phase: z.enum(phaseIdsOfBoard).optional(),
  blocking: z.boolean().default(false),
});

export const reportDiscovery = defineTool({
  name: 'report_discovery',
  sessions: ['task'],
  effect: 'record',
  description:
    'Report a genuine problem outside your task, for another agent: a bug in code that is not yours, a missing requirement, a security issue. Say what is wrong, where (file:line) and how to reproduce it. blocking: true only if you cannot finish without it: then you sleep until it is merged into your workspace. A repeated report returns the existing one.',
  schema,
  // The phase of the board follows from the type, and agents meet no diagnosis: both are accepted, but not asked for.
  inputSchema: {
    ...toolSchema({
      schema: schema
        .omit({ phase: true })
        .extend({ type: z.enum(discoveryTypes.filter((type) => !isDiagnostic(type))) }),
    }),
  },
  async run(input, { record, call, services }: PlatformContext) {
    const { store, embeddings, config } = services;
    if (!record.task_id)
      return refused('Only work on a task can discover further work. Put the finding into your answer.');
    if (!(await isEnabled(services, record.organization_id, 'discoveries')))
      return refused('Discoveries are turned off here, so nothing was opened. Put the finding into your summary.');
    const embedded = await embeddings.embedOne(input.description, record);
    const diagnostic = isDiagnostic(input.type);
    const {
      discovery,
      task,
      duplicate_of: twin,
    } = await store.discoveries.record(
      {
        organization_id: record.organization_id,
        source_task_id: record.task_id,
        source_run_id: record.id,
        source_call: `${record.id}.${call.turn}.${call.position}`,
        type: input.type,
        title: input.title,
        description: input.description,
        priority: input.priority,
        phase: input.phase,
        blocking: input.blocking,
        embedded,
      },
      {
        caps: config.discovery,
        similarity: diagnostic ? config.discovery.diagnostic_similarity : config.discovery.similarity,
      },
    );
    if (twin) {
      const open = await store.discoveries.get(record.organization_id, twin.id);
      return {
        text: `This is known already as discovery ${twin.id} ("${twin.title}"). Nothing new was opened.`,
        outcome: {
          kind: 'discovered',
          discovery_id: twin.id,
          task_id: open.spawned_task_ids[0] ?? null,
          duplicate: true,
          blocking: input.blocking,
        },
      };
    }
    if (!task)
      return {
        text: `Recorded as discovery ${discovery.id}, but no work was opened: ${discovery.capped_reason} A person will look at it.`,
        outcome: { kind: 'discovered', discovery_id: discovery.id, task_id: null, duplicate: false, blocking: false },
      };
    const wait = input.blocking
      ? ' You continue when it is merged into your workspace.'
      : ' Continue with your own task.';
    return {
      text: `Recorded as discovery ${discovery.id}; ${task.key} (${task.priority}, ${task.phase_id}) was opened for it.${wait}`,
      outcome: {
        kind: 'discovered',
        discovery_id: discovery.id,
        task_id: task.id,
        duplicate: false,
        blocking: input.blocking,
      },
    };
  },
});
