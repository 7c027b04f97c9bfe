import * as contracts from '../contracts/explore.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/explore.ts';

export const exploreRoutes = [
  route(contracts.listConversations, ({ params, query }, call) => usecases.listConversations(call, params.id, query)),
  route(contracts.startConversation, ({ params, body }, call) =>
    usecases.startConversation(call, params.id, body.question),
  ),
  route(contracts.getConversation, ({ params }, call) =>
    usecases.getConversation(call, params.id, params.conversation_id),
  ),
  route(contracts.deleteConversation, async ({ params }, call) => {
    await usecases.deleteConversation(call, params.id, params.conversation_id);
    return undefined;
  }),
  route(contracts.askQuestion, ({ params, body }, call) =>
    usecases.askQuestion(call, params.id, params.conversation_id, body.question),
  ),
  route(contracts.askAgain, ({ params }, call) =>
    usecases.askAgain(call, params.id, params.conversation_id, params.message_id),
  ),
  route(contracts.keyFiles, ({ params }, call) => usecases.keyFiles(call, params.id)),
  route(contracts.suggestions, ({ params }, call) => usecases.suggestions(call, params.id)),
  route(contracts.readLines, ({ params, query }, call) => usecases.readLines(call, params.id, query)),
];
