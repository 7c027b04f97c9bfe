import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** An asynchronous handler for Express 4, which would leave its request unanswered when the promise rejects. */
export function asyncHandler(
  handle: (req: Request, res: Response, next: NextFunction) => Promise<void>,
): RequestHandler {
  return (req, res, next) => {
    handle(req, res, next).catch(next);
  };
}
