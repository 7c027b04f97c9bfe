import { z } from 'zod';

const id = z.string();
const action = z.looseObject({ action_id: id, kind: z.string(), by: z.string(), reason: z.string() });
const state = z.record(z.string(), z.unknown());

/** Acts on work at large, and their end. `before` and `after`: workflows/domain/watch/actions.ts. */
export const guardianEvents = {
  'guardian.intervention.started': { data: action.extend({ before: state }), consumers: ['audit'] },
  'guardian.action.ended': {
    data: action.extend({ after: state.nullable(), error: z.string().nullable() }),
    consumers: ['audit'],
  },
  'guardian.resource.reallocated': { data: action.extend({ before: state, after: state }), consumers: ['audit'] },
  'guardian.intervention.reverted': { data: action, consumers: ['audit'] },
} as const;
