import { Link, useNavigate } from '@remix-run/react';
import { useChooseOrganization } from '../../lib/use-choose-organization.ts';

/** The chosen organization. A member of several can choose another one; all are on a page of their own. */
export function OrganizationName({
  chosen,
  organizations,
}: {
  chosen: { id: string; name: string };
  organizations: { id: string; name: string }[];
}) {
  const choose = useChooseOrganization();
  const navigate = useNavigate();
  if (organizations.length < 2)
    return (
      <Link
        to="/organizations"
        title={`${chosen.name}: open the organizations`}
        className="flex min-w-0 items-center text-sm font-semibold hover:underline pointer-coarse:min-h-11"
      >
        <span className="truncate">{chosen.name}</span>
      </Link>
    );
  return (
    <select
      aria-label="Organization"
      value={chosen.id}
      onChange={({ target: { value } }) => (value ? void choose(value) : navigate('/organizations'))}
      className="-ml-1.5 h-8 max-w-full min-w-0 truncate rounded-md bg-transparent px-1 text-sm font-semibold hover:bg-hover pointer-coarse:min-h-11"
    >
      {organizations.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
      <option value="">All organizations …</option>
    </select>
  );
}
