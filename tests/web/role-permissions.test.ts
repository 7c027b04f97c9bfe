import { ApiError } from '#server/contracts/client.ts';
import { knownPermissions, systemRoles, wordsOf } from '#workflows/domain/access/permissions.ts';
import { fieldProblem, isAtFields } from '../../web/app/lib/field-problem.ts';
import { permissionLines, whyNoParent, type RoleView } from '../../web/app/lib/role-permissions.ts';

const role = (name: string, permissions: readonly string[], inherits_from: string | null = null): RoleView => ({
  id: name,
  name,
  permissions: [...permissions],
  inherits_from,
  all_permissions: [...permissions],
  is_system: false,
});
const roles = [role('viewer', systemRoles.viewer), role('writer', ['task:*'], 'viewer'), role('heir', [], 'writer')];
const line = (permission: string, own: string[], parent: string | null, mine: string[]) =>
  permissionLines(roles, { own, parent }, mine)
    .flatMap(({ lines }) => lines)
    .find((one) => one.permission === permission);

test('[WEB-27] a permission says where it comes from: the nearest parent, a wider one, or the role itself', () => {
  expect(line('task:read', [], 'heir', ['*:*'])).toMatchObject({ has: true, fixed: 'From writer' });
  expect(line('ticket:read', [], 'heir', ['*:*'])).toMatchObject({ has: true, fixed: 'From viewer' });
  expect(line('project:write', ['project:*'], null, ['*:*'])).toMatchObject({ has: true, fixed: 'Part of project:*' });
  expect(line('project:*', ['project:*'], null, ['*:*'])).toEqual({
    permission: 'project:*',
    words: 'All about projects',
    has: true,
  });
  expect(line('task:complete:execute', ['task:complete:execute'], null, [])?.words).toBe('For agents alone');
});

test('[WEB-27] what the editor of a role lacks is not theirs to give, nor is a parent that allows more than they may', () => {
  expect(line('org:billing:write', [], null, ['org:read'])).toMatchObject({
    has: false,
    fixed: 'You may not do this yourself',
  });
  expect(line('org:billing:write', [], null, ['org:*'])?.fixed).toBeUndefined();
  const why = (name: string, of: string | undefined, mine: string[]) =>
    whyNoParent(roles, roles.find(({ id }) => id === name) as RoleView, of, mine);
  expect(why('heir', 'viewer', ['*:*'])).toBe('inherits from this role');
  expect(why('viewer', 'viewer', ['*:*'])).toBe('this role itself');
  expect(why('viewer', 'heir', ['*:*'])).toBeUndefined();
  expect(why('writer', undefined, ['task:read'])).toBe('allows more than you may');
});

test('every permission has words, and is shown under one topic', () => {
  expect(knownPermissions.filter((permission) => !wordsOf(permission))).toEqual([]);
  const shown = permissionLines(roles, { own: [], parent: null }, []).flatMap(({ lines }) => lines);
  expect(shown.map(({ permission }) => permission).sort()).toEqual([...knownPermissions].sort());
});

test('a refused field says at the field what is wrong; what belongs to no field stays at the end of the form', () => {
  const refused = (...fields: string[]) =>
    new ApiError(
      409,
      'conflict',
      'A role has this name already.',
      null,
      fields.map((field) => ({ field, message: 'is taken' })),
    );
  expect(fieldProblem(refused('name'), 'name', 'The name')).toBe('The name is taken.');
  expect(fieldProblem(refused('name'), 'permissions', 'It')).toBeUndefined();
  expect(fieldProblem(undefined, 'name', 'The name')).toBeUndefined();
  expect([isAtFields(refused('name'), ['name']), isAtFields(refused('name', 'other'), ['name'])]).toEqual([
    true,
    false,
  ]);
  expect(isAtFields(new ApiError(403, 'forbidden', 'No.', null), ['name'])).toBe(false);
});
