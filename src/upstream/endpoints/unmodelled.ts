import { z } from 'zod';
import { type JsonObject, withSortedKeys } from '../json.js';
import type { Endpoint } from './endpoint.js';
import {
  describeParameters,
  formOf,
  type Parameters,
  type ParameterValues,
  readParameters,
} from './parameters.js';
import {
  creatorRows,
  gateway,
  known,
  slowTtlSeconds,
  type UnmodelledRow,
  videoRows,
} from './unmodelledTable.js';

/** An endpoint whose answers are served as they are: their bodies are not known well enough to be decoded. */
export interface UnmodelledEndpoint<Name extends string, Args extends UnmodelledArgs>
  extends Endpoint<Name, Args, object> {
  /** What it gives, what it takes, and how well it is known. */
  readonly description: string;
  /** The arguments of a call. `parameters`: as a client gives them. Throws BadUserInputError. */
  callArgs(id: string, parameters: JsonObject): Args;
}

export interface UnmodelledArgs {
  /** Of the vendor's names and values: all that are sent, but the id. */
  readonly parameters: ParameterValues;
}

export interface UnmodelledCreatorArgs extends UnmodelledArgs {
  readonly creatorId: string;
}

export interface UnmodelledVideoArgs extends UnmodelledArgs {
  readonly itemId: string;
}

export type UnmodelledCreatorName = keyof typeof creatorRows;
export type UnmodelledVideoName = keyof typeof videoRows;

export const unmodelledOfCreator = endpointsOf<UnmodelledCreatorName, UnmodelledCreatorArgs>(creatorRows, {
  idKey: 'creatorId',
  idParameter: 'oAuthorId',
  argsWith: (creatorId, parameters) => ({ creatorId, parameters }),
  idOf: ({ creatorId }) => creatorId,
  badInputMessage:
    'Upstream does not accept this creator id or these parameters. Check that the creator is on Xingtu.',
});

export const unmodelledOfVideo = endpointsOf<UnmodelledVideoName, UnmodelledVideoArgs>(videoRows, {
  idKey: 'itemId',
  idParameter: 'itemId',
  argsWith: (itemId, parameters) => ({ itemId, parameters }),
  idOf: ({ itemId }) => itemId,
  badInputMessage: 'Upstream does not accept this video id. Check that Xingtu has the video.',
});

/** What the endpoints of one table have in common: whose id they take. */
interface Subject<Args> {
  readonly idKey: string;
  readonly idParameter: string;
  argsWith(id: string, parameters: ParameterValues): Args;
  idOf(args: Args): string;
  readonly badInputMessage: string;
}

type Endpoints<Name extends string, Args extends UnmodelledArgs> = {
  readonly [Each in Name]: UnmodelledEndpoint<Each, Args>;
};

function endpointsOf<Name extends string, Args extends UnmodelledArgs>(
  rows: Readonly<Record<Name, UnmodelledRow>>,
  subject: Subject<Args>,
): Endpoints<Name, Args> {
  const names = Object.keys(rows) as Name[];
  const all = names.map((name) => [name, endpointOf(name, rows[name], subject)] as const);
  return Object.fromEntries(all) as Endpoints<Name, Args>;
}

function endpointOf<Name extends string, Args extends UnmodelledArgs>(
  name: Name,
  {
    path,
    gives,
    parameters = {},
    body = known([]),
    certainty,
    ttlSeconds = slowTtlSeconds,
    ...row
  }: UnmodelledRow,
  { idKey, idOf, argsWith, badInputMessage, ...subject }: Subject<Args>,
): UnmodelledEndpoint<Name, Args> {
  const { idParameter = subject.idParameter, isPersonal } = row;
  const args: z.ZodType<unknown> = z.strictObject({
    [idKey]: z.string().regex(/^\d{15,20}$/),
    parameters: formOf(parameters),
  });
  return {
    name,
    path: gateway + path,
    ttlSeconds,
    description: `${gives} Takes ${describeParameters(parameters)}. ${certainty}`,
    args: args as z.ZodType<Args>,
    callArgs: (id, given) => argsWith(id, readParameters(name, parameters, given)),
    query: (of) => ({ [idParameter]: idOf(of), ...textsOf(parameters, of.parameters) }),
    subject: idOf,
    badInputMessage,
    shape: body,
    isShapeExpected: () => false,
    // Their bodies are not known to say whom they are about.
    mismatch: () => null,
    decode: (data) => new Undecoded(data),
    ...(isPersonal && { isPersonal }),
  };
}

/** In the vendor's order. */
function textsOf(parameters: Parameters, values: ParameterValues): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in parameters) {
    const value = values[name];
    if (value !== undefined) texts[name] = String(value);
  }
  return texts;
}

/**
 * A value without fields, since the whole answer is in the section's `raw`. As JSON it is that answer, but Xingtu's own
 * status, so that the history can tell answers apart.
 */
class Undecoded {
  readonly #data: JsonObject;

  constructor(data: JsonObject) {
    this.#data = data;
  }

  toJSON(): unknown {
    const { base_resp: _, ...values } = this.#data;
    return withSortedKeys(values);
  }
}
