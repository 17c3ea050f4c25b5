import SchemaBuilder from '@pothos/core';
import type { Context } from '../context.js';
import type { JsonObject } from '../upstream/json.js';
import type { JsonText } from '../upstream/jsonText.js';

/** `Scalars`: what resolvers receive (Input) and return (Output) for each scalar. */
interface Types {
  Context: Context;
  Scalars: {
    ID: { Input: string; Output: string };
    Date: { Input: Date; Output: string };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string };
    JSONObject: { Input: JsonObject; Output: JsonObject | JsonText };
    SafeInt: { Input: number; Output: number };
    URL: { Input: URL; Output: string };
  };
}

export type SchemaTypes = PothosSchemaTypes.ExtendDefaultTypes<Types>;

/** Every type of the schema is defined with it. */
export const builder = new SchemaBuilder<Types>({});
