import * as contracts from '../contracts/previews.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/previews.ts';

export const previewRoutes = [
  route(contracts.createPreview, ({ body }, call) => usecases.createPreview(call, body)),
  route(contracts.notifyPreview, async ({ body: { sandbox_id, ...notice } }, call) =>
    usecases.notifyPreview(call, await call.services.store.sandboxes.runNamed(sandbox_id), notice),
  ),
  route(contracts.sandboxPreview, ({ params }, call) => usecases.sandboxPreview(call, params.id)),
  route(contracts.getPreview, ({ params }, call) => usecases.getPreview(call, params.id)),
  route(contracts.stopPreview, ({ params }, call) => usecases.stopPreview(call, params.id)),
  route(contracts.openPreview, ({ params }, call) => usecases.openPreviewFor(call, params.id)),
];
