import { useSubmit } from '@remix-run/react';

/** The chosen organization. A member of several can choose another one. */
export function OrganizationName({
  chosen,
  organizations,
}: {
  chosen: { id: string; name: string };
  organizations: { id: string; name: string }[];
}) {
  const submit = useSubmit();
  if (organizations.length < 2)
    return (
      <span className="truncate text-sm font-semibold" title={chosen.name}>
        {chosen.name}
      </span>
    );
  return (
    <select
      aria-label="Organization"
      value={chosen.id}
      onChange={(event) =>
        void submit({ organization: event.target.value }, { method: 'post', action: '/organization' })
      }
      className="-ml-1.5 h-8 max-w-full min-w-0 truncate rounded-md bg-transparent px-1 text-sm font-semibold hover:bg-hover pointer-coarse:min-h-11"
    >
      {organizations.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
