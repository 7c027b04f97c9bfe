import { useNavigate, useSearchParams } from '@remix-run/react';
import { usePreference } from '../../lib/use-preference.ts';
import { DiffViewSwitch } from '../diff/diff-view-switch.tsx';
import { Segments } from '../field.tsx';
import { FilterLinks } from '../filter-links.tsx';
import { useKey } from '../shell/use-shortcuts.ts';

/** How the changed files are shown. `sources` and `reviewed`: whether lines have sources, and the viewer a verdict. */
export function ReviewToolbar({ sources, reviewed }: { sources: boolean; reviewed: boolean }) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [order, setOrder] = usePreference('files');
  const [shown, setShown] = usePreference('sources');
  const ignored = search.get('whitespace') === 'ignore';
  const since = search.get('since') === 'review';
  useKey('w', () => {
    const query = new URLSearchParams(search);
    if (ignored) query.delete('whitespace');
    else query.set('whitespace', 'ignore');
    navigate({ search: `?${query}` }, { preventScrollReset: true });
  });
  useKey('b', sources ? () => setShown(shown === 'shown' ? 'hidden' : 'shown') : undefined);
  return (
    <div className="flex flex-wrap items-center gap-2">
      {(reviewed || since) && (
        <FilterLinks
          name="since"
          label="Which changes"
          chosen={since ? 'review' : ''}
          options={[
            { value: '', label: 'All changes' },
            { value: 'review', label: 'Since my review' },
          ]}
        />
      )}
      <Segments
        label="Order of files"
        chosen={order}
        onChoose={setOrder}
        options={[
          { value: 'path', label: 'By folder' },
          { value: 'risk', label: 'By risk' },
        ]}
      />
      <FilterLinks
        name="whitespace"
        label="White space"
        chosen={ignored ? 'ignore' : ''}
        options={[
          { value: '', label: 'All white space' },
          { value: 'ignore', label: 'Without white space' },
        ]}
      />
      {sources && (
        <Segments
          label="Where lines come from"
          chosen={shown}
          onChoose={setShown}
          options={[
            { value: 'hidden', label: 'Changes alone' },
            { value: 'shown', label: 'With sources', title: 'Task, turn and commit of each hunk (press b to switch)' },
          ]}
        />
      )}
      <span className="ml-auto">
        <DiffViewSwitch />
      </span>
    </div>
  );
}
