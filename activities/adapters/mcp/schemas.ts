import vm from 'node:vm';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { cutStart } from '#workflows/domain/text.ts';

/** Characters of the largest schema, and of the largest parameters. */
const longest = 64_000;
/** Milliseconds that one pattern of a schema may take for one text. */
const patternMs = 50;
const mostKept = 200;

/** A pattern of a foreign schema can take for ever on a text that is made for it, so its time is limited. */
function boundedPattern(pattern: string, flags: string) {
  const expression = new RegExp(pattern, flags);
  const script = new vm.Script('expression.test(text)');
  return { test: (text: string) => script.runInNewContext({ expression, text }, { timeout: patternMs }) as boolean };
}
boundedPattern.code = 'boundedPattern';

const options = {
  // Foreign schemas have keywords of their own, which the draft allows.
  strict: false,
  validateFormats: false,
  allErrors: false,
  code: { regExp: boundedPattern },
} as const;

const sentence = ({ instancePath, message, params }: ErrorObject): string => {
  const extra = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
  return `${instancePath.replace(/^\//, '').replaceAll('/', '.') || 'params'} ${message ?? 'does not fit'}${extra}`;
};

/** Judges schemas of JSON Schema draft 7, which other people wrote, and values by them. */
export function createSchemas() {
  const compiled = new Map<string, ValidateFunction>();

  /** @throws Error with the problem. */
  function compile(schema: unknown): ValidateFunction {
    const text = JSON.stringify(schema) ?? '';
    const known = compiled.get(text);
    if (known) return known;
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      throw new Error('It must be an object.');
    if (text.length > longest) throw new Error(`It must have at most ${longest} characters as JSON.`);
    if ((schema as { type?: unknown }).type !== 'object') throw new Error('Its type must be "object".');
    // An instance of its own: schemas of other servers may have the same $id.
    const ajv = new Ajv(options);
    const validate = ajv.compile(schema);
    if (compiled.size >= mostKept) compiled.clear();
    compiled.set(text, validate);
    return validate;
  }

  return {
    schemaProblem(schema: unknown): string | undefined {
      try {
        compile(schema);
        return undefined;
      } catch (error) {
        return cutStart(error instanceof Error ? error.message : String(error), 500);
      }
    },
    paramsProblem(schema: unknown, params: unknown): string | undefined {
      if (JSON.stringify(params).length > longest) return `params must have at most ${longest} characters as JSON`;
      try {
        const validate = compile(schema);
        if (validate(params)) return undefined;
        return cutStart((validate.errors ?? []).map(sentence).join('; '), 500);
      } catch (error) {
        return `params cannot be checked: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}
