import { useState } from 'react';
import { mergePullRequest } from '#server/contracts/pull-requests.ts';
import { hostName } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { PullPage } from '../../lib/pull-page.server.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Checkbox, Field, Select } from '../field.tsx';

export function MergeForm({
  pull,
  byDefault,
  onDone,
}: {
  pull: PullPage['pull'];
  byDefault: boolean;
  onDone: () => void;
}) {
  const isHosted = pull.provider !== 'local';
  const host = hostName(pull.provider);
  const merge = useCommand(mergePullRequest);
  const [method, setMethod] = useState<'merge' | 'squash' | ''>('');
  const [whenReady, setWhenReady] = useState(byDefault);
  return (
    <form
      className="space-y-3"
      onSubmit={async (event) => {
        event.preventDefault();
        const body = { ...(method === '' ? {} : { method }), ...(isHosted ? { when_ready: whenReady } : {}) };
        if (await merge.run({ params: { id: pull.id }, body })) onDone();
      }}
    >
      <p className="text-sm text-muted">
        <span className="figures">{pull.branch}</span> goes into <span className="figures">{pull.base}</span>. If that
        is not safe, nothing changes and the reason is shown.
      </p>
      <Field label="Merge method">
        <Select value={method} onChange={(event) => setMethod(event.target.value as typeof method)}>
          <option value="">Project default</option>
          <option value="merge">Merge commit</option>
          <option value="squash">Squash into one commit</option>
        </Select>
      </Field>
      {isHosted && (
        <Checkbox
          label={`If rules at ${host} hold it, have ${host} merge it once they are met`}
          checked={whenReady}
          onChange={(event) => setWhenReady(event.target.checked)}
        />
      )}
      <CommandError error={merge.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={merge.busy} autoFocus>
          Merge
        </Button>
      </div>
    </form>
  );
}
