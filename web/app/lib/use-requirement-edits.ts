import { useCallback, useState } from 'react';
import { addRequirement, changeRequirement, removeRequirement } from '#server/contracts/requirements.ts';
import { phaseData } from '#server/contracts/specs.ts';
import type { Requirement } from '#workflows/domain/phases/requirements.ts';
import type { ApiError } from '#server/contracts/client.ts';
import { asApiError, call } from './browser-api.ts';
import { changesOf, draftOf, mergeDrafts, type RequirementDraft } from './requirement-draft.ts';
import { staleVersion } from './stale-version.ts';
import { useRevalidate } from './use-revalidate.ts';

export interface OpenForm {
  /** Undefined for a new requirement. */
  before?: Requirement;
  /** Version of the spec when the form was opened. */
  version: number;
  draft: RequirementDraft;
  error?: ApiError;
  /** The requirement as another person changed it in the meantime. */
  theirs?: Requirement;
}

interface Shown {
  id: string;
  item: Requirement | null;
  /** Version of the spec that contains the edit; undefined while it is being saved. */
  until?: number;
}

/**
 * Edits of requirements. They are shown at once and reverted when the API refuses them: the form then opens again with
 * its text and the reason. If another person changed the spec in the meantime, the edit is applied to the newer
 * version, unless both changed the same field of the same requirement: then both texts are shown and the editor
 * decides.
 */
export function useRequirementEdits(specId: string, loaded: number, items: Requirement[]) {
  const revalidate = useRevalidate();
  const [form, setForm] = useState<OpenForm>();
  const [shown, setShown] = useState<Shown[]>([]);
  const [removeError, setRemoveError] = useState<ApiError>();
  // A saved edit is newer than the page, until the page is loaded again.
  const version = Math.max(loaded, ...shown.flatMap(({ until }) => until ?? []));
  const standing = shown.filter(({ until }) => until === undefined || until > loaded);
  const visible = [
    ...items.flatMap((item) => {
      const edit = standing.find(({ id }) => id === item.id);
      return edit ? (edit.item ? [edit.item] : []) : [item];
    }),
    ...standing.flatMap(({ id, item }) => (item && !items.some((known) => known.id === id) ? [item] : [])),
  ];

  /**
   * Runs a change. If the version is stale and the changes of others do not clash, it runs again on the new version.
   */
  const settle = useCallback(
    async <T>(
      before: Requirement | undefined,
      from: number,
      clashes: (theirs: Requirement) => boolean,
      change: (version: number) => Promise<T>,
    ): Promise<T> => {
      try {
        return await change(from);
      } catch (error) {
        const newer = staleVersion(error);
        if (newer === undefined) throw error;
        const theirs = before && (await stored(specId, before.id));
        if (theirs && clashes(theirs)) throw Object.assign(error as ApiError, { theirs });
        return await change(newer);
      }
    },
    [specId],
  );

  const save = useCallback(
    async (open: OpenForm) => {
      const { before, draft } = open;
      const params = { id: specId };
      const { fields, changed } = changesOf(before, draft);
      setForm(undefined);
      if (before && !changed) return;
      const id = before?.id ?? 'being added';
      const optimistic: Requirement = {
        id,
        type: '',
        category: draft.category,
        dependencies: [],
        notes: '',
        ...before,
        ...fields,
        acceptance_criteria:
          fields.acceptance_criteria?.map((one, index) => ({ ...one, id: `${id}.${index + 1}` })) ??
          before?.acceptance_criteria ??
          [],
      } as Requirement;
      setShown((known) => [...known.filter((one) => one.id !== id), { id, item: optimistic }]);
      try {
        const key = crypto.randomUUID();
        const answer = await settle(
          before,
          open.version,
          (theirs) => before !== undefined && mergeDrafts(before, theirs, draft).clash,
          (at) =>
            before
              ? call(changeRequirement, {
                  params: { ...params, requirement: before.id },
                  body: { ...fields, version: at },
                })
              : call(
                  addRequirement,
                  {
                    params,
                    body: {
                      title: draft.title,
                      text: draft.text,
                      acceptance_criteria: [],
                      ...fields,
                      category: draft.category,
                      version: at,
                    },
                  },
                  { idempotencyKey: `${key}-${at}` },
                ),
        );
        setShown((known) => [
          ...known.filter((one) => one.id !== id),
          { id: answer.requirement_id, item: { ...optimistic, id: answer.requirement_id }, until: answer.version },
        ]);
      } catch (caught) {
        const error = asApiError(caught);
        setShown((known) => known.filter((one) => one.id !== id));
        const { theirs } = error as ApiError & { theirs?: Requirement };
        setForm({
          ...open,
          error,
          ...(before && theirs
            ? {
                theirs,
                before: theirs,
                draft: mergeDrafts(before, theirs, draft).draft,
                version: staleVersion(error) ?? open.version,
              }
            : {}),
        });
      }
      revalidate();
    },
    [specId, settle, revalidate],
  );

  const remove = useCallback(
    async (item: Requirement) => {
      setRemoveError(undefined);
      setShown((known) => [...known.filter((one) => one.id !== item.id), { id: item.id, item: null }]);
      try {
        const answer = await settle(
          item,
          version,
          // Of an item that was just saved, only the fields of its form are known.
          (theirs) => JSON.stringify(draftOf(theirs)) !== JSON.stringify(draftOf(item)),
          (at) => call(removeRequirement, { params: { id: specId, requirement: item.id }, body: { version: at } }),
        );
        setShown((known) => [
          ...known.filter((one) => one.id !== item.id),
          { id: item.id, item: null, until: answer.version },
        ]);
      } catch (caught) {
        setShown((known) => known.filter((one) => one.id !== item.id));
        setRemoveError(asApiError(caught));
      }
      revalidate();
    },
    [specId, version, settle, revalidate],
  );

  return {
    version,
    visible,
    form,
    setForm,
    save,
    remove,
    removeError,
    saving: new Set(shown.filter(({ until }) => until === undefined).map(({ id }) => id)),
  };
}

export type RequirementEdits = ReturnType<typeof useRequirementEdits>;

async function stored(specId: string, requirement: string): Promise<Requirement | undefined> {
  const { phases } = await call(phaseData, { params: { id: specId }, query: { phases: 'requirements' } });
  const output = phases[0]?.output as { requirements?: Requirement[] } | null | undefined;
  return output?.requirements?.find(({ id }) => id === requirement);
}
