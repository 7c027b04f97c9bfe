import type { Services } from '#activities/ports/services.ts';
import * as contracts from '../contracts/second-factor.ts';
import { checkOrigin, cookies } from '../http/authenticate.ts';
import { route } from '../http/define-route.ts';
import { challengeCookie, clientOf, setSignedIn } from '../http/session-cookies.ts';
import type { Auth } from '../usecases/auth.ts';
import * as usecases from '../usecases/second-factor.ts';

export function secondFactorRoutes(services: Services, auth: Auth) {
  return [
    route(contracts.secondFactor, (_input, call) => usecases.secondFactor(call)),
    route(contracts.passSecondFactor, async ({ body }, _call, { req, res }) => {
      const cookie = cookies(req.headers.cookie)[challengeCookie];
      if (!body.challenge && cookie) checkOrigin(req.headers.origin, req.headers.host);
      const pair = await auth.passSecondFactor(body.challenge ?? cookie, body.code, clientOf(req));
      return setSignedIn(services, res, pair);
    }),
    route(contracts.enrolSecondFactor, ({ body }, call, { req }) =>
      usecases.enrolSecondFactor(call, body, clientOf(req)),
    ),
    route(contracts.confirmSecondFactor, ({ body }, call, { req }) =>
      usecases.confirmSecondFactor(call, body, clientOf(req)),
    ),
    route(contracts.disableSecondFactor, ({ body }, call, { req }) =>
      usecases.disableSecondFactor(call, body, clientOf(req)),
    ),
  ];
}
