import { useId, useState } from 'react';
import { projectBranches } from '#server/contracts/projects.ts';
import { call } from '../../lib/browser-api.ts';
import { TextInput } from '../field.tsx';

/** The branch that work starts from. The names come from the repository once a person wants to choose. */
export function BranchField({
  project,
  className,
}: {
  project: { id: string; default_branch: string };
  className: string;
}) {
  const list = useId();
  const [names, setNames] = useState<string[]>();
  const load = () => {
    if (names) return;
    setNames([]);
    // A repository that gives no names can still be told one.
    void call(projectBranches, { params: { id: project.id }, query: {} }).then(
      ({ branches }) => setNames(branches),
      () => undefined,
    );
  };
  return (
    <>
      <TextInput
        name="branch"
        aria-label="Base branch"
        list={list}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        placeholder={project.default_branch}
        onFocus={load}
        className={className}
      />
      <datalist id={list}>
        {names?.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
