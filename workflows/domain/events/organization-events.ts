import { z } from 'zod';

/** Acts of people on their organization: kept for the audit trail. `by` is the id of the user. */
const audited = <S extends z.ZodRawShape>(shape: S) => ({ data: z.looseObject(shape), consumers: ['audit' as const] });

const [text, by] = [z.string(), z.string()];
/** The member: a person, or a registered agent. */
const member = { user_id: text.optional(), agent_id: text.optional() };

export const organizationEvents = {
  'organization.created': audited({ name: text }),
  'organization.updated': audited({ by, fields: z.array(text) }),
  'organization.archived': audited({ by }),
  'organization.restored': audited({ by }),
  'member.added': audited({ ...member, role: text, by }),
  'member.role_changed': audited({ ...member, role: text, old_role: text, by }),
  'member.removed': audited({ ...member, role: text, by }),
  'role.created': audited({ name: text, by }),
  'role.changed': audited({ name: text, by }),
  'role.deleted': audited({ name: text, by }),
  'api_key.created': audited({ name: text }),
  'api_key.revoked': audited({ name: text }),
};
