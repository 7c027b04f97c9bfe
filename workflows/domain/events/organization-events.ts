import { z } from 'zod';

/** Acts of people on their organization: kept for the audit trail. `by` is the id of the user. */
const audited = <S extends z.ZodRawShape>(shape: S) => ({ data: z.looseObject(shape), consumers: ['audit' as const] });

const [text, by] = [z.string(), z.string()];

export const organizationEvents = {
  'organization.created': audited({ name: text }),
  'organization.updated': audited({ by, fields: z.array(text) }),
  'organization.archived': audited({ by }),
  'organization.restored': audited({ by }),
  'member.added': audited({ user_id: text, role: text, by }),
  'member.role_changed': audited({ user_id: text, role: text, old_role: text, by }),
  'member.removed': audited({ user_id: text, role: text, by }),
  'role.created': audited({ name: text, by }),
  'role.changed': audited({ name: text, by }),
  'role.deleted': audited({ name: text, by }),
  'api_key.created': audited({ name: text }),
  'api_key.revoked': audited({ name: text }),
};
