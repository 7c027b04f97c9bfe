import { useState } from 'react';
import { approvePullRequest } from '#server/contracts/reviews.ts';
import type { PullPage } from '../../lib/pull-page.server.ts';
import { useCommand } from '../../lib/use-command.ts';
import { CommandForm } from '../command-form.tsx';
import { Field, TextArea } from '../field.tsx';

/** Approves the commits that the page shows. */
export function ApproveForm({ pull, onDone }: { pull: PullPage['pull']; onDone: () => void }) {
  const approve = useCommand(approvePullRequest);
  const [comment, setComment] = useState('');
  return (
    <CommandForm
      command={approve}
      act="Approve"
      onCancel={onDone}
      onSubmit={async () => {
        const body = { head_sha: pull.head_sha, ...(comment.trim() ? { comment } : {}) };
        if (await approve.run({ params: { id: pull.id }, body })) onDone();
      }}
    >
      <p className="text-sm text-muted">
        Others see that you approve <span className="figures">{pull.head_sha.slice(0, 12)}</span>. It does not merge.
      </p>
      <Field label="Comment">
        <TextArea rows={3} autoFocus maxLength={20_000} value={comment} onChange={(e) => setComment(e.target.value)} />
      </Field>
    </CommandForm>
  );
}
