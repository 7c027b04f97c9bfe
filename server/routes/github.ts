import * as connection from '../contracts/github-connection.ts';
import * as projects from '../contracts/github-projects.ts';
import * as repositories from '../contracts/github-repositories.ts';
import * as contracts from '../contracts/github.ts';
import { route } from '../http/define-route.ts';
import { takeCodeHostEvent } from '../usecases/code-host-events.ts';
import * as connections from '../usecases/github-connection.ts';
import * as creation from '../usecases/github-create.ts';
import * as connected from '../usecases/github-projects.ts';
import * as usecases from '../usecases/github-repositories.ts';

export const githubRoutes = [
  route(contracts.githubWebhook, ({ query }, { services }, { req }) =>
    takeCodeHostEvent(services, {
      bytes: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
      signature: req.header('x-hub-signature-256') ?? '',
      name: req.header('x-github-event') ?? '',
      project_id: query.project_id,
    }),
  ),
  route(connection.githubConnectionStatus, (_input, call) => connections.githubConnectionStatus(call)),
  route(connection.githubDisconnect, (_input, call) => connections.githubDisconnect(call)),
  route(connection.githubDisconnectAll, (_input, call) => connections.githubDisconnectAll(call)),
  route(connection.githubDisconnectUser, ({ params }, call) => connections.githubDisconnectUser(call, params.user_id)),
  route(repositories.githubRepositories, ({ query }, call) => usecases.githubRepositories(call, query)),
  route(repositories.githubOwners, ({ query }, call) => usecases.githubOwners(call, query)),
  route(repositories.githubRepositoryOf, ({ params }, call) => usecases.githubRepositoryOf(call, params)),
  route(repositories.githubBranches, ({ params, query }, call) => usecases.githubBranches(call, params, query)),
  route(repositories.githubContents, ({ params, query }, call) => usecases.githubContents(call, params, query)),
  route(repositories.githubDirectory, ({ params, query }, call) => usecases.githubDirectory(call, params, query)),
  route(repositories.githubTree, ({ params, query }, call) => usecases.githubTree(call, params, query)),
  route(repositories.githubCommits, ({ params, query }, call) => usecases.githubCommits(call, params, query)),
  route(repositories.githubPulls, ({ params, query }, call) => usecases.githubPulls(call, params, query)),
  route(repositories.createGithubBranch, ({ params, body }, call) => usecases.createGithubBranch(call, params, body)),
  route(repositories.createGithubPull, ({ params, body }, call) => usecases.createGithubPull(call, params, body)),
  route(repositories.putGithubContents, ({ params, body }, call) => usecases.putGithubContents(call, params, body)),
  route(repositories.createGithubRepository, ({ body }, call) => creation.createGithubRepository(call, body)),
  route(repositories.checkGithubAvailability, ({ body }, call) => creation.checkGithubAvailability(call, body)),
  route(projects.connectGithub, ({ query, body }, call) => connected.connectGithub(call, query.project_id, body)),
  route(projects.disconnectGithub, ({ query }, call) => connected.disconnectGithub(call, query.project_id)),
  route(projects.githubConnected, ({ query }, call) => connected.githubConnected(call, query)),
  route(projects.syncGithub, ({ query }, call) => connected.syncGithub(call, query.project_id)),
];
