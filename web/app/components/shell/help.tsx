import { Dialog } from '../dialog.tsx';
import { Key } from '../tooltip.tsx';
import { shortcuts } from './navigation.ts';

export default function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts" wide>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {shortcuts.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="pb-1 text-xs font-medium text-muted">{group.title}</h3>
            <dl>
              {group.keys.map(({ keys, does }) => (
                <div key={does} className="flex min-h-8 items-center justify-between gap-4 text-sm">
                  <dt>{does}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="mt-4 border-t pt-3 text-xs text-muted">
        Single keys can be turned off in the menu of your account, at the top right.
      </p>
    </Dialog>
  );
}
