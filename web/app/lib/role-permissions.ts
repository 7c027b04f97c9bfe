import {
  grants,
  knownPermissions,
  lineage,
  permissionsOf,
  missing,
  wordsOf,
} from '#workflows/domain/access/permissions.ts';

export interface RoleView {
  id: string;
  name: string;
  permissions: string[];
  inherits_from: string | null;
  all_permissions: string[];
  is_system: boolean;
}

export interface PermissionLine {
  permission: string;
  words: string;
  /** The role has it, by itself or by another role or permission. */
  has: boolean;
  /** Where it comes from, or why it cannot be given; undefined where it can be ticked. */
  fixed?: string;
}

const topics: readonly [prefix: string, title: string][] = [
  ['org:', 'Organization'],
  ['project:', 'Projects'],
  ['document:', 'Specs'],
  ['ticket:', 'Tickets'],
  ['task:', 'Tasks'],
  ['agent:', 'Agents'],
  ['*:', 'All'],
];

/**
 * All permissions by topic, as a role has them that has `own` ones and inherits from `parent`. `mine`: the permissions
 * of the person who edits the role; nobody gives what they lack.
 */
export function permissionLines(
  roles: readonly RoleView[],
  { own, parent }: { own: readonly string[]; parent: string | null },
  mine: readonly string[],
): { title: string; lines: PermissionLine[] }[] {
  const line = parent === null ? [] : lineage(roles, parent);
  const lineOf = (permission: string): PermissionLine => {
    const words = wordsOf(permission) ?? 'For agents alone';
    const giver = line.find((role) => grants(role.permissions, permission));
    if (giver) return { permission, words, has: true, fixed: `From ${giver.name}` };
    const wider = own.find((one) => one !== permission && grants([one], permission));
    if (wider) return { permission, words, has: true, fixed: `Part of ${wider}` };
    const has = own.includes(permission);
    return has || grants(mine, permission)
      ? { permission, words, has }
      : { permission, words, has, fixed: 'You may not do this yourself' };
  };
  const all = [...new Set([...knownPermissions, ...own, ...permissionsOf(roles, parent ?? '')])];
  return topics.map(([prefix, title]) => ({
    title,
    lines: all.filter((permission) => permission.startsWith(prefix)).map(lineOf),
  }));
}

/** Why a role cannot be the parent of another one; undefined where it can. `of`: the role that would inherit. */
export function whyNoParent(
  roles: readonly RoleView[],
  candidate: RoleView,
  of: string | undefined,
  mine: readonly string[],
): string | undefined {
  if (of !== undefined && lineage(roles, candidate.id).some(({ id }) => id === of))
    return candidate.id === of ? 'this role itself' : 'inherits from this role';
  return missing(mine, candidate.all_permissions).length > 0 ? 'allows more than you may' : undefined;
}

/** The roles that a role inherits from, the nearest first. */
export const parentsOf = (roles: readonly RoleView[], id: string): string[] =>
  lineage(roles, id)
    .slice(1)
    .map(({ name }) => name);
