import { useNavigate } from '@remix-run/react';
import { useRef, useState } from 'react';
import { importSpec } from '#server/contracts/spec-life.ts';
import { problemsOf } from '../../lib/field-problem.ts';
import { plural } from '../../lib/format.ts';
import { importBody, type ReadFile } from '../../lib/import-body.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { Dialog } from '../dialog.tsx';
import { SimilarSpecs, type Similar } from './similar-specs.tsx';

/** Makes a draft from files that an export has written. */
export function ImportSpec({ project }: { project: { id: string; organization_id: string } }) {
  const [open, setOpen] = useState(false);
  const lacks = useLacks('document:write', project.organization_id);
  return (
    <>
      <Button because={lacks} onClick={() => setOpen(true)}>
        Import
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Import a spec" wide>
        <ImportForm projectId={project.id} />
      </Dialog>
    </>
  );
}

function ImportForm({ projectId }: { projectId: string }) {
  const navigate = useNavigate();
  const create = useCommand(importSpec);
  const [chosen, setChosen] = useState<readonly ReadFile[]>([]);
  const [similar, setSimilar] = useState<Similar>();
  const read = chosen.length > 0 ? importBody(chosen) : undefined;
  const problem = read && 'problem' in read ? read.problem : undefined;
  const choose = async (files: readonly File[]) => {
    create.clear();
    setSimilar(undefined);
    setChosen(
      await Promise.all(
        files.map(async (file) => ({ path: file.webkitRelativePath || file.name, text: await file.text() })),
      ),
    );
  };
  const submit = async () => {
    if (!read || 'problem' in read) return;
    const answer = await create.run({ body: { project_id: projectId, ...read, force_create: similar !== undefined } });
    if (!answer) return;
    if ('is_duplicate' in answer) setSimilar(answer);
    else navigate(`/projects/${projectId}/specs/${answer.id}`);
  };
  const places = problemsOf(create.error);
  return (
    <CommandForm
      command={create}
      act={similar ? 'Create it anyway' : 'Import'}
      disabled={!read || problem !== undefined}
      onSubmit={submit}
      problemsAt={places.length > 1 ? places.map(({ field }) => String(field)) : []}
    >
      <p className="text-sm text-soft">
        Each phase of the export passes its gate again. The draft then continues with the next phase, once you execute
        it.
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Chooser label="One JSON file" accept=".json,application/json" onChoose={choose} />
        <Chooser label="A folder of Markdown files" folder onChoose={choose} />
      </div>
      {chosen.length > 0 && (
        <p className="text-sm" aria-live="polite">
          {plural(chosen.length, 'file')} chosen: <span className="figures break-all">{chosen[0]?.path}</span>
          {chosen.length > 1 && ' and others'}
        </p>
      )}
      {problem && (
        <p role="alert" className="text-xs text-bad">
          {problem}
        </p>
      )}
      {places.length > 1 && (
        <div role="alert" className="text-xs text-bad">
          <p>Nothing was created. What is wrong:</p>
          <ul className="mt-1 list-disc space-y-0.5 pl-5 break-words">
            {places.map(({ field, message }, at) => (
              <li key={at}>
                <span className="figures">{field}</span>: {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      {similar && <SimilarSpecs projectId={projectId} similar={similar} />}
    </CommandForm>
  );
}

function Chooser({
  label,
  accept,
  folder = false,
  onChoose,
}: {
  label: string;
  accept?: string;
  folder?: boolean;
  onChoose: (files: readonly File[]) => Promise<void>;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        aria-label={label}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          void onChoose([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Button onClick={() => input.current?.click()}>{label}</Button>
    </>
  );
}
