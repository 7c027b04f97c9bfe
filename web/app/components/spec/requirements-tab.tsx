import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Requirement } from '#workflows/domain/phases/requirements.ts';
import type { Content } from '../../lib/phase-outputs.server.ts';
import { draftOf } from '../../lib/requirement-draft.ts';
import { useRequirementEdits } from '../../lib/use-requirement-edits.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { Button, IconButton } from '../button.tsx';
import { Card } from '../card.tsx';
import { AlertDialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { PhaseContent, Remarks } from './content.tsx';
import { RequirementForm } from './requirement-form.tsx';
import { RequirementItem } from './requirement-item.tsx';

/** The requirements. They can be edited while they wait at their gate; the later phases use the edited ones. */
export function RequirementsTab({
  requirements: { content, state },
  page: { spec, project, phases, coverage },
}: {
  requirements: Content<'requirements'>;
  page: SpecPage;
}) {
  const atGate = phases.some((phase) => phase.phase === 'requirements' && phase.at_gate);
  const lacks = useLacks('document:write', spec.organization_id);
  const edits = useRequirementEdits(spec.id, spec.version, content?.requirements ?? []);
  const [removing, setRemoving] = useState<Requirement>();
  const editable = atGate && !lacks;
  const { form } = edits;
  const rows = new Map(coverage.matrix.map((row) => [row.requirement_id, row]));
  return (
    <PhaseContent state={state} name="requirements">
      {content && (
        <>
          <Card
            title="Requirements"
            flush
            aside={<span className="figures text-xs text-muted">{edits.visible.length}</span>}
          >
            <ul className="divide-y">
              {edits.visible.map((item) => (
                <li key={item.id} id={item.id} aria-busy={edits.saving.has(item.id) || undefined}>
                  {form?.before?.id === item.id ? (
                    <RequirementForm form={form} edits={edits} words={project.requirement_words} />
                  ) : (
                    <RequirementItem item={item} row={rows.get(item.id)} saving={edits.saving.has(item.id)}>
                      {editable && !edits.saving.has(item.id) && (
                        <span className="ml-auto flex">
                          <IconButton
                            id={`edit-${item.id}`}
                            label={`Edit ${item.id}`}
                            disabled={form !== undefined}
                            onClick={() =>
                              edits.setForm({ before: item, version: edits.version, draft: draftOf(item) })
                            }
                          >
                            <Pencil aria-hidden className="size-4" />
                          </IconButton>
                          <IconButton
                            label={`Remove ${item.id}`}
                            disabled={form !== undefined}
                            onClick={() => setRemoving(item)}
                          >
                            <Trash2 aria-hidden className="size-4" />
                          </IconButton>
                        </span>
                      )}
                    </RequirementItem>
                  )}
                </li>
              ))}
              {/* Shown when another person removed the requirement while its form was open: the form keeps its text. */}
              {form && !edits.visible.some(({ id }) => id === form.before?.id) && (
                <li>
                  <RequirementForm form={form} edits={edits} words={project.requirement_words} />
                </li>
              )}
            </ul>
            {editable && !form && (
              <div className="border-t p-2">
                <Button
                  id="add-requirement"
                  size="sm"
                  look="quiet"
                  onClick={() => edits.setForm({ version: edits.version, draft: draftOf(undefined) })}
                >
                  <Plus aria-hidden className="size-3.5" /> Add a requirement
                </Button>
              </div>
            )}
            <div className="px-4 pb-2 empty:hidden">
              <CommandError error={edits.removeError} />
            </div>
          </Card>
          <Card title="Context">
            <div className="grid gap-4 sm:grid-cols-2">
              <Remarks title="Assumptions" notes={content.assumptions} />
              <Remarks title="Out of scope" notes={content.out_of_scope} />
              <Remarks title="Open questions" notes={content.open_questions} />
            </div>
          </Card>
          <AlertDialog
            open={removing !== undefined}
            onClose={() => setRemoving(undefined)}
            title={`Remove ${removing?.id ?? ''}?`}
            keep="Keep it"
            act="Remove"
            onAct={() => {
              if (removing) void edits.remove(removing);
              setRemoving(undefined);
            }}
          >
            {removing?.title}. The later phases are planned without it. Earlier versions keep it.
          </AlertDialog>
        </>
      )}
    </PhaseContent>
  );
}
