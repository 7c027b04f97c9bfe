import { callModel } from '../contracts/model-gateway.ts';
import { route } from '../http/define-route.ts';
import { MessageStream, sendWireError } from '../http/message-stream.ts';
import { askModelOfRun, readPassedRequest, requireAgent, WireError } from '../usecases/model-gateway.ts';

export const modelGatewayRoute = route(callModel, async ({ params }, call, { req, res }) => {
  requireAgent(call);
  const betas = (req.header('anthropic-beta') ?? '').split(',').flatMap((name) => name.trim() || []);
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  let stream: MessageStream | undefined;
  try {
    const request = readPassedRequest(req.body, betas);
    if (request.body.stream === true) stream = new MessageStream(res);
    const hooks = { signal: gone.signal, onEvent: (event: { type: string }) => stream?.event(event) };
    const message = await askModelOfRun(call, params.id, request, hooks);
    if (stream) stream.end();
    else res.json(message);
  } catch (error) {
    if (!(error instanceof WireError) && !stream?.hasBegun) throw error;
    if (!(error instanceof WireError))
      call.services.log.error({ error: String(error) }, 'an answer of the model broke off');
    const failure = error instanceof WireError ? error : new WireError(500, 'api_error', 'The answer broke off.');
    if (stream) stream.fail(failure);
    else sendWireError(res, failure);
  } finally {
    stream?.close();
  }
  return undefined;
});
