import { z } from 'zod';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { ContextFields } from '#workflows/domain/agent/context-block.ts';
import type { CallScope } from '#workflows/domain/billing/scopes.ts';
import { mostTitle } from '#workflows/domain/phases/title.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../ports/services.ts';
import { askForValue } from './ask-for-value.ts';

const titleSchema = z.object({ title: z.string().trim().min(3).max(mostTitle) });

/** A short title for a request. @returns undefined where no model gives one: the request keeps the title that it has. */
export async function askTitle(
  services: Services,
  of: {
    kind: 'ticket' | 'feature';
    id: string;
    title: string;
    description: string;
    context: Partial<ContextFields>;
    scope: CallScope;
  },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const answer = await askForValue(
    services,
    {
      key: `title:${of.id}`,
      subject: of.id,
      context: { kind: 'title', ...of.context, title: of.title },
      model: services.config.model.small_name,
      system: `You give a ${of.kind} of a software project a title: what is to be done, in the imperative, at most 60 characters, no full stop.`,
      prompt: asData('request', cutStart(of.description, 3000)),
      tool: { name: 'give_title', description: 'The title.' },
      schema: titleSchema,
      scope: of.scope,
    },
    signal,
  );
  return answer.available ? answer.value.title : undefined;
}
