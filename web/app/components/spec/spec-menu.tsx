import { Archive, ArchiveRestore, Ellipsis, Globe, Pencil } from 'lucide-react';
import { useState } from 'react';
import { archiveSpec, restoreSpec, shareSpec, unshareSpec, updateSpec } from '#server/contracts/spec-life.ts';
import { specRests } from '#workflows/domain/transitions.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { Button, IconButton } from '../button.tsx';
import { AlertDialog, Dialog } from '../dialog.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea, TextInput } from '../field.tsx';
import { Menu, MenuItem } from '../menu.tsx';

type Spec = SpecPage['spec'];
type Open = 'words' | 'share' | 'archive';

/** What people do with a spec as a record. */
export function SpecMenu({ spec }: { spec: Spec }) {
  const [open, setOpen] = useState<Open>();
  const lacks = useLacks('document:write', spec.organization_id);
  const lacksSharing = useLacks('project:write', spec.organization_id);
  const archive = useCommand(archiveSpec);
  const restore = useCommand(restoreSpec);
  const params = { id: spec.id };
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu
        trigger={
          <IconButton label="More about this spec">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem because={lacks} onSelect={() => setOpen('words')}>
          <Pencil aria-hidden className="size-4" /> Edit title and description
        </MenuItem>
        <MenuItem because={lacksSharing} onSelect={() => setOpen('share')}>
          <Globe aria-hidden className="size-4" /> {spec.shared ? 'Public link' : 'Share by a public link'}
        </MenuItem>
        {spec.archived_at ? (
          <MenuItem because={lacks} onSelect={() => void restore.run({ params })}>
            <ArchiveRestore aria-hidden className="size-4" /> Restore
          </MenuItem>
        ) : (
          <MenuItem
            because={lacks ?? (specRests(spec.status) ? undefined : 'Work goes on')}
            onSelect={() => setOpen('archive')}
          >
            <Archive aria-hidden className="size-4" /> Archive
          </MenuItem>
        )}
      </Menu>
      <CommandError error={restore.error} />
      {open === 'words' && <SpecWords spec={spec} onClose={close} />}
      {open === 'share' && <Sharing spec={spec} onClose={close} />}
      <AlertDialog
        open={open === 'archive'}
        onClose={close}
        title="Archive this spec?"
        keep="Keep it"
        act="Archive"
        busy={archive.busy}
        error={archive.error}
        onAct={async () => {
          if (await archive.run({ params })) close();
        }}
      >
        It leaves every list and board, with its tickets and tasks. You can restore it from this page.
      </AlertDialog>
    </>
  );
}

function SpecWords({ spec, onClose }: { spec: Spec; onClose: () => void }) {
  const [title, setTitle] = useState(spec.title);
  const [description, setDescription] = useState(spec.description);
  const save = useCommand(updateSpec);
  const begun = !['draft', 'created'].includes(spec.status);
  return (
    <Dialog open wide title="Title and description" onClose={onClose}>
      <form
        className="space-y-3"
        onSubmit={async (event) => {
          event.preventDefault();
          const words = { title, ...(begun ? {} : { description }) };
          if (await save.run({ params: { id: spec.id }, body: { ...words, version: spec.version } })) onClose();
        }}
      >
        <Field label="Title">
          <TextInput
            autoFocus
            required
            maxLength={500}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </Field>
        <Field
          label="Description"
          hint={begun ? 'Agents work from it. Ask for changes at a gate, or steer a run.' : undefined}
        >
          <TextArea
            rows={8}
            maxLength={50_000}
            disabled={begun}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        <CommandError error={save.error} />
        <div className="flex gap-2">
          <Button type="submit" look="primary" busy={save.busy} disabled={title.trim() === ''}>
            Save
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Sharing({ spec, onClose }: { spec: Spec; onClose: () => void }) {
  const share = useCommand(shareSpec);
  const unshare = useCommand(unshareSpec);
  const [url, setUrl] = useState('');
  const params = { id: spec.id };
  const show = async () => setUrl((await share.run({ params }))?.share_url ?? '');
  return (
    <Dialog open title="Public link" onClose={onClose}>
      <div className="space-y-3 text-sm">
        <p>
          Whoever has the link reads title, description, progress and the pull request of this spec, without an account.
        </p>
        {url && (
          <Field label="Link">
            <TextInput readOnly value={url} onFocus={(event) => event.target.select()} className="figures" />
          </Field>
        )}
        <CommandError error={share.error ?? unshare.error} />
        <div className="flex flex-wrap gap-2">
          {url ? (
            <Button look="primary" onClick={() => void navigator.clipboard.writeText(url)}>
              Copy the link
            </Button>
          ) : (
            <Button look="primary" busy={share.busy} onClick={() => void show()}>
              {spec.shared ? 'Show the link' : 'Make a public link'}
            </Button>
          )}
          {spec.shared && (
            <Button
              look="danger"
              busy={unshare.busy}
              onClick={async () => {
                if (await unshare.run({ params })) onClose();
              }}
            >
              End the link
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
