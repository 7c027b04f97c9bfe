import { z } from 'zod';

const id = z.string();
const action = z.looseObject({ action_id: id, kind: z.string(), by: z.string(), reason: z.string() });
const state = z.record(z.string(), z.unknown());

const loop = z.looseObject({
  action_id: id,
  monitor: z.string(),
  workflow_id: z.string(),
  policy: z.string(),
  issue: z.string().nullable(),
  by: z.string(),
});

/** Acts on work at large, and their end. `before` and `after`: workflows/domain/watch/actions.ts. */
export const guardianEvents = {
  'guardian.intervention.started': { data: action.extend({ before: state }), consumers: ['audit'] },
  'guardian.action.ended': {
    data: action.extend({ after: state.nullable(), error: z.string().nullable() }),
    consumers: ['audit'],
  },
  'guardian.resource.reallocated': { data: action.extend({ before: state, after: state }), consumers: ['audit'] },
  'guardian.intervention.reverted': { data: action, consumers: ['audit'] },

  'monitor.anomaly.detected': {
    data: z.looseObject({ anomaly_id: id, metric: z.string(), value: z.number(), severity: z.string() }),
    consumers: ['audit'],
  },
  /** A bad reading of an agent, and the first good one after it. `absent`: what was not measured, and counts nothing. */
  'monitor.agent.anomaly': {
    data: z.looseObject({ agent_id: id, name: z.string(), anomaly_score: z.number(), absent: z.array(z.string()) }),
    consumers: ['audit'],
  },

  /** What the watchdog does about a loop. `ok`: it runs again. */
  'watchdog.remediation.started': { data: loop, consumers: ['audit'] },
  'watchdog.remediation.ended': {
    data: loop.extend({ ok: z.boolean(), error: z.string().nullable() }),
    consumers: ['audit'],
  },
  'watchdog.escalation': { data: loop, consumers: ['audit'] },
  /** A loop of which a person was told is back. */
  'watchdog.escalation.ended': { data: loop, consumers: ['audit'] },
} as const;
