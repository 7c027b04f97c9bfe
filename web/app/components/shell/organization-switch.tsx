import { useSubmit } from '@remix-run/react';

/** The chosen organization. A member of several can choose another one. */
export function OrganizationSwitch({
  chosen,
  organizations,
}: {
  chosen: { id: string; name: string };
  organizations: { id: string; name: string }[];
}) {
  const submit = useSubmit();
  if (organizations.length < 2) return <span className="truncate text-sm text-muted">{chosen.name}</span>;
  return (
    <select
      aria-label="Organization"
      value={chosen.id}
      onChange={(event) =>
        void submit({ organization: event.target.value }, { method: 'post', action: '/organization' })
      }
      className="max-w-full min-w-0 truncate rounded-md border bg-ground px-1.5 py-1 text-sm"
    >
      {organizations.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
