import { GitFork, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, ButtonLink, IconButton } from '../button.tsx';
import { AlertDialog, Dialog, Sheet } from '../dialog.tsx';
import { ClosesPopover, Menu, MenuDownload, MenuItem, Popover } from '../menu.tsx';
import { TextLink } from '../text-link.tsx';
import { useToast } from '../toast.tsx';
import { Tooltip } from '../tooltip.tsx';
import { Chapter, Shown } from './shown.tsx';

const looks = ['primary', 'secondary', 'quiet', 'danger'] as const;

export function Actions() {
  const [open, setOpen] = useState<'dialog' | 'alert' | 'sheet'>();
  const close = () => setOpen(undefined);
  const toast = useToast();
  return (
    <Chapter title="Actions">
      {(['md', 'sm'] as const).map((size) => (
        <Shown key={size} name={size === 'md' ? 'Buttons' : 'Small buttons'}>
          {looks.map((look) => (
            <Button key={look} look={look} size={size}>
              {look}
            </Button>
          ))}
          <Button size={size} busy>
            Busy
          </Button>
          <Button size={size} disabled>
            Disabled
          </Button>
          <Button size={size} because="Your role (viewer) does not allow this">
            Disabled with a reason
          </Button>
        </Shown>
      ))}
      <Shown name="Links and icons">
        <ButtonLink to="/design">Link as a button</ButtonLink>
        <TextLink to="/design">Link in text</TextLink>
        <IconButton label="Fork">
          <GitFork aria-hidden className="size-4" />
        </IconButton>
        <IconButton label="Remove" disabled>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
        <Tooltip text="Words about the control">
          <Button>With a tooltip</Button>
        </Tooltip>
      </Shown>
      <Shown name="Windows">
        <Button onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button onClick={() => setOpen('alert')}>Alert dialog</Button>
        <Button onClick={() => setOpen('sheet')}>Sheet</Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuItem onSelect={() => toast('Chosen')}>Command</MenuItem>
          <MenuItem because="Not now" onSelect={() => undefined}>
            Disabled
          </MenuItem>
          <MenuDownload href="/favicon.svg" name="mark.svg">
            Download
          </MenuDownload>
          <MenuItem danger onSelect={() => toast('Removed', () => toast('Back again'))}>
            Dangerous
          </MenuItem>
        </Menu>
        <Popover title="More" trigger={<Button>Popover</Button>}>
          <div className="space-y-2 p-4 text-sm">
            <p>A small window at a button.</p>
            <ClosesPopover>
              <Button size="sm">Closes it</Button>
            </ClosesPopover>
          </div>
        </Popover>
      </Shown>
      <Shown name="Toasts">
        <Button onClick={() => toast('Address copied')}>Toast</Button>
        <Button onClick={() => toast('Comment removed', () => toast('Comment restored'))}>Toast with undo</Button>
      </Shown>
      <Dialog open={open === 'dialog'} onClose={close} title="A dialog">
        <p className="text-sm">It traps the focus and gives it back.</p>
      </Dialog>
      <AlertDialog open={open === 'alert'} onClose={close} title="Stop this run?" act="Stop the run" onAct={close}>
        The run ends and keeps its changes.
      </AlertDialog>
      <Sheet open={open === 'sheet'} onClose={close} title="A sheet">
        <p className="p-4 text-sm">Covers the left edge of a small window.</p>
      </Sheet>
    </Chapter>
  );
}
