import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { ByteString } from '../../core/byte-string.ts';
import { MAX_VIOLATIONS } from '../../core/gates/port.ts';
import { memberOf } from '../json/json-pointer.ts';
import { parseStrictJson } from '../json/parse-strict.ts';
import type { DocumentViolation, SchemaReply } from './worker-messages.ts';

const OPTIONS: Options = {
  allErrors: true,
  // An unknown keyword, or an unknown format, is an error: what a slip of the pen asks for would not be asked.
  strictSchema: true,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // Else `required: [constructor]` would be met by any object.
  ownProperties: true,
  messages: true,
  logger: false,
};

const DRAFT_2020_12 = 'https://json-schema.org/draft/2020-12/schema';
const DRAFT_07 = 'http://json-schema.org/draft-07/schema';

/** @throws {Error} unless it is a JSON Schema of draft 2020-12 or 07 that refers to nothing outside itself */
export function compileSchema(bytes: ByteString): ValidateFunction {
  const parsed = parseStrictJson(bytes);
  if (parsed.fault !== undefined) throw new Error(`the schema ${parsed.fault}`);
  const schema = parsed.value;
  if (typeof schema !== 'boolean' && (schema === null || typeof schema !== 'object' || Array.isArray(schema)))
    throw new Error('the schema is neither an object nor a boolean');
  const declared = memberOf(schema, '$schema') ?? DRAFT_2020_12;
  const draft = typeof declared === 'string' ? declared.replace(/#$/, '') : undefined;
  if (draft !== DRAFT_2020_12 && draft !== DRAFT_07)
    throw new Error(`the schema is of ${JSON.stringify(declared)}, not of draft 2020-12 or 07`);
  const ajv = draft === DRAFT_07 ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS);
  formats.default(ajv);
  const validate = ajv.compile(schema);
  if ('$async' in validate) throw new Error('the schema is asynchronous');
  return validate;
}

/** Checks one document: that it is strict JSON, and follows the schema. */
export function checkDocument(validate: ValidateFunction, bytes: ByteString): SchemaReply {
  const parsed = parseStrictJson(bytes);
  if (parsed.fault !== undefined) {
    return { violations: [{ pointer: parsed.pointer, message: parsed.fault }], total: 1 };
  }
  if (validate(parsed.value) === true) return { violations: [], total: 0 };
  const errors = validate.errors ?? [];
  return { violations: errors.slice(0, MAX_VIOLATIONS).map(describe), total: Math.max(1, errors.length) };
}

function describe({ instancePath, keyword, message, params }: ErrorObject): DocumentViolation {
  const named = ['additionalProperty', 'unevaluatedProperty', 'propertyName', 'allowedValues', 'allowedValue']
    .filter((name) => Object.hasOwn(params, name))
    .map((name) => `: ${JSON.stringify(params[name])}`);
  return { pointer: instancePath, message: `${message ?? keyword}${named.join('')}` };
}
