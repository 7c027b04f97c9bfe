import { Sheet } from '../dialog.tsx';
import { PanelContent } from './panel.tsx';
import type { ShellData } from './shell.tsx';

/** The panel over the page of a small window. */
export default function PanelSheet({ shell, onClose }: { shell: ShellData; onClose: () => void }) {
  return (
    <Sheet open onClose={onClose} title="Panel">
      <PanelContent shell={shell} onClose={onClose} />
    </Sheet>
  );
}
