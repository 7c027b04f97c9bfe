import { Card } from '../card.tsx';
import { DiffStat } from '../diff/diff-stat.tsx';
import { DiffViewSwitch } from '../diff/diff-view-switch.tsx';
import { PatchView } from '../diff/patch-view.tsx';
import { TaskGraph } from '../graph/task-graph.tsx';
import { Chapter, Shown } from './shown.tsx';

const patch = `diff --git a/src/port.js b/src/port.js
--- a/src/port.js
+++ b/src/port.js
@@ -1,3 +1,4 @@
 import { serve } from './serve.js';
-serve(3000);
+const port = settings.port ?? 3000;
+serve(port);
 console.log('ready');
diff --git a/logo.png b/logo.png
new file mode 100644
Binary files /dev/null and b/logo.png differ
`;
const tasks = ['completed', 'running', 'pending', 'failed'].map((status, index) => ({
  id: String(index + 1),
  label: `TSK-${index + 1}`,
  title: `Task ${index + 1}`,
  status,
}));
const links = [
  { from: '1', to: '2', kind: 'after' },
  { from: '2', to: '3', kind: 'after' },
  { from: '2', to: '4', kind: 'found' },
] as const;

/** Changes and dependencies. */
export function Pictures() {
  return (
    <Chapter title="Changes and graphs">
      <Shown name="Lines of a change">
        <DiffStat added={12} removed={3} />
        <DiffStat added={0} removed={0} />
      </Shown>
      <DiffViewSwitch />
      <PatchView patch={patch} truncated />
      <Card title="No change">
        <PatchView patch="" truncated={false} />
      </Card>
      <TaskGraph name="Tasks and what comes after what" tasks={tasks} links={[...links]} />
    </Chapter>
  );
}
