import { z } from 'zod';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { ContextFields } from '#workflows/domain/agent/context-block.ts';
import type { CallScope } from '#workflows/domain/billing/scopes.ts';
import { mostTitle } from '#workflows/domain/phases/title.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Services } from '../ports/services.ts';
import { askForValue, type Answered } from './ask-for-value.ts';

const titleSchema = z.object({ title: z.string().trim().min(3).max(mostTitle) });

/** A short title for a request. Where no model gives one, the request keeps the title that it has. */
export async function askTitle(
  services: Services,
  of: {
    kind: 'ticket' | 'feature' | 'task';
    id: string;
    /** Whoever asks again for the same subject names their request: each gets a title of its own. */
    request_id?: string;
    title: string;
    description: string;
    context: Partial<ContextFields>;
    scope: CallScope;
  },
  signal?: AbortSignal,
): Promise<Answered<{ title: string }>> {
  return askForValue(
    services,
    {
      key: ['title', of.id, ...(of.request_id ? [of.request_id] : [])].join(':'),
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
}
