import type { IncomingHttpHeaders } from 'node:http';
import { factsOf, type FoundModel } from '#workflows/domain/agent/models.ts';
import type { PlayedAnswer } from '../strict/index.ts';
import { outputItems, outputTokens, responseId } from './answer.ts';
import { bodySchema, formProblem, type Body, type Problem } from './request.ts';
import { isOffered, openAiRules } from './rules.ts';
import type { AnsweredResponse } from './stream.ts';
import { AutomaticCache } from './tokens.ts';

export interface OpenAiRefusal {
  status: number;
  error: { type: string; code: string | null; param: string | null; message: string };
}

export interface AdmittedBody {
  body: Body;
  model: FoundModel;
}

const refusal = ({ status = 400, ...error }: Problem): OpenAiRefusal => ({
  status,
  error: { type: 'invalid_request_error', ...error },
});

/** The rules of the Responses API in front of a player, as `StrictWire` holds those of the Messages API. */
export class StrictOpenAiWire {
  private readonly cache: AutomaticCache;

  /** @param account encrypted reasoning of another account is refused. */
  constructor(
    now: () => number = Date.now,
    public account = 'org-strict',
  ) {
    this.cache = new AutomaticCache(now);
  }

  admit(headers: IncomingHttpHeaders, raw: string): AdmittedBody | { refused: OpenAiRefusal } {
    if (!/^Bearer ./.test(headers.authorization ?? ''))
      return {
        refused: refusal({ status: 401, code: null, param: null, message: 'Missing bearer authentication in header' }),
      };
    const parsed = bodySchema.safeParse(parseJson(raw));
    if (!parsed.success) return { refused: refusal(formProblem(parsed.error)) };
    const body = parsed.data;
    if (!isOffered(body.model))
      return {
        refused: refusal({
          status: 404,
          code: 'model_not_found',
          param: 'model',
          message: `The model \`${body.model}\` does not exist or you do not have access to it.`,
        }),
      };
    const model = factsOf(body.model);
    for (const rule of openAiRules) {
      const problem = rule.check(body, model, this.account);
      if (problem) return { refused: refusal(problem) };
    }
    return { body, model };
  }

  /** The response of a played answer. @throws ImpossibleAnswer when the real provider could not give it. */
  answer({ body, model }: AdmittedBody, played: PlayedAnswer): AnsweredResponse {
    const output = outputItems(played, body, this.account);
    const { all, read, written } = this.cache.use(body, model);
    const tokens = outputTokens(played.content);
    return {
      id: responseId(played, body),
      model: body.model,
      output,
      incomplete: played.stop_reason === 'max_tokens' ? 'max_output_tokens' : null,
      usage: {
        input_tokens: all,
        input_tokens_details: { cached_tokens: read, cache_write_tokens: written },
        output_tokens: tokens.all,
        output_tokens_details: { reasoning_tokens: tokens.reasoning },
        total_tokens: all + tokens.all,
        ...played.usage,
      },
    };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
