import * as contracts from '../contracts/memory.ts';
import * as playbookContracts from '../contracts/playbook.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/memory.ts';
import * as playbook from '../usecases/playbook.ts';

export const memoryRoutes = [
  route(contracts.storeMemory, ({ body }, call) => usecases.storeMemory(call, body)),
  route(contracts.searchMemory, ({ body }, call) => usecases.searchMemory(call, body)),
  route(contracts.completeMemory, ({ body }, call) => usecases.completeMemory(call, body)),
  route(contracts.taskMemories, ({ params, query }, call) => usecases.taskMemories(call, params.id, query.top_k)),
  route(contracts.listPatterns, ({ query }, call) => usecases.listPatterns(call, query)),
  route(contracts.extractPattern, ({ body }, call) => usecases.extractPattern(call, body)),
  route(contracts.ratePattern, ({ params, body }, call) => usecases.ratePattern(call, params.id, body)),
  route(contracts.listMemories, ({ query }, call) => usecases.listMemories(call, query)),
  route(contracts.memoryEmbeddings, (_, call) => usecases.memoryEmbeddings(call)),
  route(contracts.getMemory, ({ params }, call) => usecases.getMemory(call, params.id)),
  route(contracts.editMemory, ({ params, body }, call) => usecases.editMemory(call, params.id, body)),
  route(contracts.deleteMemory, ({ params }, call) => usecases.deleteMemory(call, params.id)),
  route(playbookContracts.listPlaybook, ({ query }, call) => playbook.listPlaybook(call, query)),
  route(playbookContracts.addPlaybookEntry, ({ body }, call) => playbook.addPlaybookEntry(call, body)),
  route(playbookContracts.listPlaybookChanges, ({ query }, call) => playbook.listPlaybookChanges(call, query)),
  route(playbookContracts.undoPlaybookChange, ({ params }, call) => playbook.undoPlaybookChange(call, params.id)),
  route(playbookContracts.editPlaybookEntry, ({ params, body }, call) =>
    playbook.editPlaybookEntry(call, params.id, body),
  ),
];
