import { useNavigate } from '@remix-run/react';
import { TextLink } from '../text-link.tsx';
import { CheckCheck, GitMerge, MessageSquareWarning } from 'lucide-react';
import { useState } from 'react';
import { closePullRequest, requestPullRequestChanges } from '#server/contracts/pull-requests.ts';
import { hostName, plural } from '../../lib/format.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { PullPage } from '../../lib/pull-page.server.ts';
import { Badge, ScriptedBadge, StatusBadge } from '../badge.tsx';
import { Button } from '../button.tsx';
import { CommandForm } from '../command-form.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { DiffStat } from '../diff/diff-stat.tsx';
import { PageTitle } from '../page-title.tsx';
import { Field, TextArea } from '../field.tsx';
import { Ago } from '../time.tsx';
import { ApproveForm } from './approve-form.tsx';
import { HostNotice } from './host-notice.tsx';
import { MergeForm } from './merge-form.tsx';
import { useDraft } from './review-draft.tsx';

export function PullHeader({ page: { pull, diff, project, scripted } }: { page: PullPage }) {
  const added = diff.files.reduce((sum, file) => sum + file.lines_added, 0);
  const removed = diff.files.reduce((sum, file) => sum + file.lines_removed, 0);
  return (
    <>
      <PageTitle
        title={
          <>
            {pull.title} <span className="figures font-normal text-muted">#{pull.number}</span>
          </>
        }
        facts={
          <>
            <StatusBadge status={pull.state} />
            {pull.draft && pull.draft.state !== 'refused' && (
              <Badge tone="neutral" title={pull.draft.note}>
                Draft
              </Badge>
            )}
            {scripted && <ScriptedBadge />}
            {pull.checks.map((check, index) => (
              <Badge
                key={index}
                tone={!check.passed ? 'bad' : check.unverified ? 'warn' : 'good'}
                title={check.note || undefined}
              >
                {check.name}{' '}
                {!check.passed
                  ? 'fails'
                  : check.unverified
                    ? 'proves nothing'
                    : check.note
                      ? 'has no new failure'
                      : 'passes'}
              </Badge>
            ))}
            {pull.host_checks.map(({ name, state, url }) => (
              <Badge
                key={name}
                tone={state === 'failed' ? 'bad' : state === 'pending' ? 'neutral' : 'good'}
                title={url ?? undefined}
              >
                {name} {state === 'failed' ? 'fails' : state === 'pending' ? 'runs' : 'passes'} at{' '}
                {hostName(pull.provider)}
              </Badge>
            ))}
            <span className="figures min-w-0 break-all">
              {pull.branch} → {pull.base}
            </span>
            <span>{plural(diff.files.length, 'file')}</span>
            <DiffStat added={added} removed={removed} />
            <Ago at={pull.created_at} />
            <Approvals pull={pull} />
            {pull.provider !== 'local' && (
              <a href={pull.url} rel="noreferrer" className="text-info underline">
                Open at {hostName(pull.provider)}
              </a>
            )}
            {pull.spec_id && <TextLink to={`/specs/${pull.spec_id}`}>spec</TextLink>}
            {pull.ticket_id && <TextLink to={`/tickets/${pull.ticket_id}`}>ticket</TextLink>}
          </>
        }
      >
        <PullActions pull={pull} organizationId={project.organization_id} whenReady={project.merge_when_ready} />
      </PageTitle>
      <HostNotice pull={pull} />
      {pull.state === 'merged' && (
        <p className="text-sm">
          Merged by {pull.merged_by ?? 'an unknown user'} {pull.merged_at && <Ago at={pull.merged_at} />} as{' '}
          <span className="figures">{pull.merge_sha?.slice(0, 12)}</span>
        </p>
      )}
    </>
  );
}

/** Who approves what is there now; an approval of older commits is shown as such. */
function Approvals({ pull: { comments, head_sha: head } }: { pull: PullPage['pull'] }) {
  const last = new Map(comments.flatMap((one) => (one.author && one.verdict ? [[one.author, one] as const] : [])));
  return [...last].map(([author, { verdict, head_sha }]) =>
    verdict !== 'approved' ? null : head_sha === undefined || head_sha === head ? (
      <Badge key={author} tone="good">
        {author} approves
      </Badge>
    ) : (
      <Badge key={author} tone="warn" title={`Approved at ${head_sha.slice(0, 12)}`}>
        {author} approved older commits
      </Badge>
    ),
  );
}

function PullActions({
  pull,
  organizationId,
  whenReady,
}: {
  pull: PullPage['pull'];
  organizationId: string;
  whenReady: boolean;
}) {
  const lacks = useLacks('project:write', organizationId);
  const close = useCommand(closePullRequest);
  const [dialog, setDialog] = useState<'merge' | 'approve' | 'changes' | 'close'>();
  const { comments } = useDraft();
  const done = () => setDialog(undefined);
  const open = pull.state === 'open';
  return (
    <div className="flex flex-wrap gap-2">
      {open && (
        <Button look="quiet" because={lacks} onClick={() => setDialog('close')}>
          Close
        </Button>
      )}
      <Button because={lacks} onClick={() => setDialog('changes')}>
        <MessageSquareWarning aria-hidden className="size-4" /> Request changes
        {comments.length > 0 && <span className="figures">({comments.length})</span>}
      </Button>
      {open && (
        <Button because={lacks} onClick={() => setDialog('approve')}>
          <CheckCheck aria-hidden className="size-4" /> Approve
        </Button>
      )}
      {open && (
        <Button look="primary" because={lacks} onClick={() => setDialog('merge')}>
          <GitMerge aria-hidden className="size-4" /> Merge
        </Button>
      )}
      <Dialog open={dialog === 'merge'} onClose={done} title={`Merge into ${pull.base}`}>
        <MergeForm pull={pull} byDefault={whenReady} onDone={done} />
      </Dialog>
      <Dialog open={dialog === 'approve'} onClose={done} title="Approve">
        <ApproveForm pull={pull} onDone={done} />
      </Dialog>
      <Dialog open={dialog === 'changes'} onClose={done} title="Request changes">
        <ChangesForm pull={pull} onDone={done} />
      </Dialog>
      <AlertDialog
        open={dialog === 'close'}
        onClose={done}
        title="Close without merging?"
        keep="Keep open"
        act="Close the pull request"
        busy={close.busy}
        error={close.error}
        onAct={async () => {
          if (await close.run({ params: { id: pull.id } })) done();
        }}
      >
        The branch is kept.
      </AlertDialog>
    </div>
  );
}

/** Sends the comments on lines and the text of this form as one request; a new task works on it. */
function ChangesForm({ pull, onDone }: { pull: PullPage['pull']; onDone: () => void }) {
  const navigate = useNavigate();
  const request = useCommand(requestPullRequestChanges);
  const { comments, clear } = useDraft();
  const [comment, setComment] = useState('');
  const send = async () => {
    const made = await request.run({
      params: { id: pull.id },
      body: { head_sha: pull.head_sha, comments: [...comments, ...(comment.trim() ? [{ body: comment }] : [])] },
    });
    if (!made) return;
    clear();
    onDone();
    navigate(`/tickets/${made.ticket_id}`);
  };
  return (
    <CommandForm
      command={request}
      act="Request changes"
      disabled={comments.length === 0 && comment.trim() === ''}
      onCancel={onDone}
      onSubmit={send}
    >
      {comments.length > 0 && (
        <ul className="max-h-40 space-y-1 overflow-y-auto text-xs">
          {comments.map((comment) => (
            <li key={`${comment.path}:${comment.line}`}>
              <span className="figures text-muted">
                {comment.path}:{comment.line}
              </span>{' '}
              {comment.body}
            </li>
          ))}
        </ul>
      )}
      <Field
        label={comments.length > 0 ? 'General comment' : 'What has to change'}
        hint={
          pull.state === 'open'
            ? 'OmoiOS creates a task for it. The agent works on this branch.'
            : `OmoiOS creates a task for it. This pull request is ${pull.state}, so the work opens the next one.`
        }
      >
        <TextArea
          rows={4}
          autoFocus
          required={comments.length === 0}
          maxLength={20_000}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
      </Field>
    </CommandForm>
  );
}
