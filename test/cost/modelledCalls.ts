import {
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { parseCreatorId } from '../../src/creatorId.js';
import { BadUserInputError } from '../../src/errors.js';
import { endpointNames, endpoints } from '../../src/upstream/endpoints/table.js';
import type { Operation } from './randomOperation.js';

/** A field fails before it calls anything, or the whole operation does. */
class Refused extends Error {
  override readonly name = 'Refused';
}

export interface Model {
  /** By `endpoint creatorId PLATFORM`. */
  readonly calls: ReadonlyMap<string, Ages>;
  /** The operation has no data, and calls nothing. */
  readonly isRefused: boolean;
}

/** The ages that an operation asks of one call, as `SectionRequest` has them. */
export interface Ages {
  readonly maxAgeSeconds: number;
  readonly awaitedFromSeconds: number;
}

/**
 * What a valid operation calls while nothing is stored, read from its text alone: without a schema, an executor or a
 * resolver. An age that is not given counts as the endpoint's TTL.
 */
export function modelledCalls({ query, variables, operationName }: Operation): Model {
  const { definitions } = parse(query);
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const chosen = operations.find(({ name }) => operationName === undefined || name?.value === operationName);
  if (!chosen) throw new Error(`Expected an operation of the name ${operationName}.`);
  const interpreter = new Interpreter(fragments, valuesOf(chosen, variables));
  try {
    interpreter.root(chosen.selectionSet);
    return { calls: interpreter.calls, isRefused: false };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { calls: new Map(), isRefused: true };
  }
}

/** Ids and enum values are strings, and so are numbers that were written in the text. */
type Value = string | number | boolean | null | readonly Value[];

/** Without the variables that have neither a value nor a default. */
type Values = ReadonlyMap<string, Value>;

function valuesOf({ variableDefinitions = [] }: OperationDefinitionNode, given: object): Values {
  const values = new Map<string, Value>();
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (Object.hasOwn(given, name)) values.set(name, (given as Record<string, Value>)[name] ?? null);
    else if (defaultValue) values.set(name, evaluated(defaultValue, new Map()) ?? null);
  }
  return values;
}

/** Undefined: a variable without a value, which counts as not written. */
function evaluated(node: ValueNode, values: Values): Value | undefined {
  switch (node.kind) {
    case Kind.VARIABLE:
      return values.get(node.name.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((each) => evaluated(each, values) ?? null);
    case Kind.OBJECT:
      throw new Error('Expected no object.');
    default:
      return node.value;
  }
}

class Interpreter {
  readonly calls = new Map<string, Ages>();
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #values: Values;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, values: Values) {
    this.#fragments = fragments;
    this.#values = values;
  }

  root(selections: SelectionSetNode): void {
    for (const fields of this.#fieldsOf([selections])) {
      const [field] = fields;
      if (field.name.value === 'creator') this.#creator(this.#argument(field, 'id'), fields);
      if (field.name.value === 'creators') {
        // GraphQL takes a single value for a list of one.
        const ids = [this.#argument(field, 'ids')].flat();
        // The field can't be null, so the whole answer is, and there is nothing to pay for.
        if (ids.includes(null)) throw new Refused('No id.');
        for (const id of ids) this.#creator(id, fields);
      }
    }
  }

  #creator(id: Value | undefined, fields: Fields): void {
    attempt(() => {
      const creatorId = parseCreatorId(String(id ?? ''));
      const sections = this.#fieldsOf(fields.flatMap(({ selectionSet }) => selectionSet ?? []));
      for (const nodes of sections) attempt(() => this.#section(creatorId, nodes));
    });
  }

  #section(creatorId: string, nodes: Fields): void {
    const [field] = nodes;
    const endpoint = endpointNames.find((name) => name === field.name.value);
    if (!endpoint) return;
    const platform = this.#argument(field, 'platform');
    if (platform === null) throw new Refused('No platform.');
    const age = this.#argument(field, 'maxAgeSeconds') ?? null;
    if (Number(age) < 0) throw new Refused('No age.');
    const typeName = endpoint.charAt(0).toUpperCase() + endpoint.slice(1);
    for (const { selectionSet } of nodes) this.#checkHistories(selectionSet, typeName);
    const call = `${endpoint} ${creatorId} ${platform ?? 'SHORT_VIDEO'}`;
    const { maxAgeSeconds, awaitedFromSeconds } = this.calls.get(call) ?? {
      maxAgeSeconds: Number.POSITIVE_INFINITY,
      awaitedFromSeconds: Number.POSITIVE_INFINITY,
    };
    this.calls.set(call, {
      maxAgeSeconds: Math.min(maxAgeSeconds, age === null ? endpoints[endpoint].ttlSeconds : Number(age)),
      awaitedFromSeconds: Math.min(awaitedFromSeconds, age === null ? Number.POSITIVE_INFINITY : Number(age)),
    });
  }

  /** A section is refused with a history of an invalid length anywhere in it, since the history is free and the section is not. */
  #checkHistories(set: SelectionSetNode | undefined, typeName: string): void {
    for (const selection of set?.selections ?? []) {
      const isExcluded = (selection.directives ?? []).some(
        (directive) =>
          (directive.name.value === 'skip' && this.#argument(directive, 'if') === true) ||
          (directive.name.value === 'include' && this.#argument(directive, 'if') === false),
      );
      if (isExcluded) continue;
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value !== 'history') continue;
        const last = this.#argument(selection, 'last');
        if (last === null || Number(last ?? 10) < 1 || Number(last ?? 10) > 100)
          throw new Refused('No last.');
        this.#checkHistories(selection.selectionSet, typeName);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (condition === undefined || condition === typeName || condition === 'Section') {
        this.#checkHistories(fragment?.selectionSet, typeName);
      }
    }
  }

  /**
   * The fields that are selected, each with all its mentions: fields with one response name are one field. A deferred
   * fragment is a payload of its own, which fails by itself.
   */
  #fieldsOf(selectionSets: readonly SelectionSetNode[]): Iterable<Fields> {
    const payloads: Payload[] = [];
    const newPayload = () => {
      const fields: Payload = new Map();
      payloads.push(fields);
      return fields;
    };
    const spread = new Set<string>();
    const collect = ({ selections }: SelectionSetNode, fields: Payload): void => {
      for (const selection of selections) {
        if (!this.#isIncluded(selection)) continue;
        if (selection.kind === Kind.FIELD) {
          const name = selection.alias?.value ?? selection.name.value;
          const known = fields.get(name);
          if (known) known.push(selection);
          else fields.set(name, [selection]);
          continue;
        }
        const isDeferred = this.#isDeferred(selection);
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet, isDeferred ? newPayload() : fields);
        } else if (isDeferred || !spread.has(selection.name.value)) {
          if (!isDeferred) spread.add(selection.name.value);
          const fragment = this.#fragments.get(selection.name.value);
          if (fragment) collect(fragment.selectionSet, isDeferred ? newPayload() : fields);
        }
      }
    };
    const initial = newPayload();
    for (const selectionSet of selectionSets) collect(selectionSet, initial);
    return payloads.flatMap((fields) => [...fields.values()]);
  }

  #isDeferred({ directives = [] }: SelectionSetNode['selections'][number]): boolean {
    const defer = directives.find(({ name }) => name.value === 'defer');
    return defer !== undefined && this.#argument(defer, 'if') !== false;
  }

  /** @skip is evaluated first. Where it skips, @include is not evaluated. */
  #isIncluded({ directives = [] }: SelectionSetNode['selections'][number]): boolean {
    for (const [name, excludes] of [
      ['skip', true],
      ['include', false],
    ] as const) {
      const directive = directives.find((each) => each.name.value === name);
      if (!directive) continue;
      const condition = this.#argument(directive, 'if');
      if (typeof condition !== 'boolean') throw new Refused('No condition.');
      if (condition === excludes) return false;
    }
    return true;
  }

  #argument({ arguments: given = [] }: Pick<FieldNode, 'arguments'>, name: string): Value | undefined {
    const argument = given.find((each) => each.name.value === name);
    return argument && evaluated(argument.value, this.#values);
  }
}

type Fields = readonly [FieldNode, ...FieldNode[]];

/** Fields by response name. */
type Payload = Map<string, [FieldNode, ...FieldNode[]]>;

/** A field that fails loses only what is in it. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof BadUserInputError)) throw error;
  }
}
