import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { loadScenarios } from './load-scenario.ts';
import type { WantedWork } from '../../../ports/model.ts';
import { playsWork } from './pick-session.ts';
import { StrictWire, type Admitted } from '../strict/index.ts';
import { sendError, serve, type Play } from '../strict/serve.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario-schema.ts';

export interface RehearsalOptions {
  /** Seconds that a turn of an agent takes while its text is streamed; 0 answers at once. */
  pace?: number;
  /** Folder of scenarios (*.yaml); the bundled ones unless given. */
  scenariosDir?: string;
  /** Names of the agent's tools. A scenario that calls another tool is refused. Absent: not checked. */
  tools?: readonly string[];
}

export interface RehearsalServer {
  /** Base URL for the Messages API, on loopback. */
  url: string;
  /** Why no scenario plays the work; undefined where one does. */
  refusal(work: WantedWork): string | undefined;
  close(): Promise<void>;
}

export const ownScenarios = path.join(import.meta.dirname, 'scenarios');

/**
 * Plays the model: answers POST /v1/messages by the rules of Anthropic's API, from a script. The answers need no state
 * between requests, so another instance can take over at any time; it only loses the cache.
 * @throws ScenarioError when a scenario is not valid.
 */
export async function startRehearsalServer({
  pace = 0,
  scenariosDir = ownScenarios,
  tools,
}: RehearsalOptions = {}): Promise<RehearsalServer> {
  const scenarios = loadScenarios(scenariosDir, tools);
  const wire = new StrictWire();
  const server = createServer((request, response) => {
    serve(wire, request, response, (admitted) => playRequest(admitted, scenarios, pace)).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else
        sendError(response, {
          status: 500,
          type: 'api_error',
          message: `The rehearsal model broke: ${error instanceof Error ? error.message : String(error)}`,
        });
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: (work) =>
      scenarios.some((scenario) => playsWork(scenario, work)) ? undefined : unknownSession(scenarios),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function playRequest(admitted: Admitted, scenarios: readonly Scenario[], pace: number): Play {
  const played = play(scenarios, admitted.body);
  return played
    ? { ...played.answer, pace_ms: played.watched ? pace * 1000 : 0 }
    : { status: 400, type: 'invalid_request_error', message: unknownSession(scenarios) };
}

function unknownSession(scenarios: readonly Scenario[]): string {
  const features = scenarios.map(({ feature }) => `"${feature.title}"`).join(', ');
  return `The rehearsal model is scripted and knows only the feature ${features} of the sample repository; set ANTHROPIC_API_KEY for a real model.`;
}
