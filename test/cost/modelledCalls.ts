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
import { type EndpointName, endpoints } from '../../src/upstream/endpoints/table.js';
import type { Operation } from './randomOperation.js';

/** A field fails before it calls anything, or the whole operation does. */
class Refused extends Error {
  override readonly name = 'Refused';
}

export interface Model {
  /** By `lineOf`. */
  readonly calls: ReadonlyMap<string, Ages>;
  /** The operation has no data, and calls nothing. */
  readonly isRefused: boolean;
}

/** The ages that an operation asks of one call, as `SectionRequest` has them. */
export interface Ages {
  readonly maxAgeSeconds: number;
  readonly awaitedFromSeconds: number;
}

/** The sections of `Creator`, with the arguments of their calls and the defaults of those. */
const sections = {
  profile: { platform: 'SHORT_VIDEO' },
  prices: { platform: 'SHORT_VIDEO' },
  cpMetrics: { platform: 'SHORT_VIDEO' },
  recommendedVideos: { platform: 'SHORT_VIDEO' },
  audienceTouch: { platform: 'SHORT_VIDEO' },
  performance: {
    platform: 'SHORT_VIDEO',
    range: 'LAST_30_DAYS',
    videos: 'PERSONAL',
    onlyAssigned: false,
    paidTraffic: 'INCLUDED',
  },
  audience: { platform: 'SHORT_VIDEO', stage: 'CONNECTED' },
  followers: { kind: 'ALL' },
  connectedUsers: { platform: 'SHORT_VIDEO' },
  indices: { platform: 'SHORT_VIDEO', industry: 'ALL' },
  latestVideos: { platform: 'SHORT_VIDEO', onlyAssigned: false, paidTraffic: 'INCLUDED' },
} as const satisfies Partial<Record<EndpointName, Readonly<Record<string, string | boolean>>>>;

type SectionName = keyof typeof sections;

/** The arguments of a search. */
export interface SearchArgs {
  readonly filter: { readonly keyword?: string };
  readonly sort: string;
  readonly page: number;
}

/** The ids that a page of a search names. */
export type PageOf = (args: SearchArgs) => readonly string[];

/** A call as upstream sees it. The order of its parameters does not matter. */
export function lineOf(endpoint: EndpointName, args: object): string {
  const query = new URLSearchParams(endpoints[endpoint].query(args as never));
  query.sort();
  return `${endpoint} ${query}`;
}

/**
 * What a valid operation calls while nothing is stored, read from its text alone: without a schema, an executor or a
 * resolver. An age that is not given counts as the endpoint's TTL.
 */
export function modelledCalls({ query, variables, operationName }: Operation, pageOf: PageOf): Model {
  const { definitions } = parse(query);
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const chosen = operations.find(({ name }) => operationName === undefined || name?.value === operationName);
  if (!chosen) throw new Error(`Expected an operation of the name ${operationName}.`);
  const interpreter = new Interpreter(fragments, valuesOf(chosen, variables), pageOf);
  try {
    interpreter.root(chosen.selectionSet);
    return { calls: interpreter.calls, isRefused: false };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { calls: new Map(), isRefused: true };
  }
}

/** Ids and enum values are strings, and so are numbers that were written in the text. */
type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

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
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, evaluated(value, values) ?? null]),
      );
    default:
      return node.value;
  }
}

class Interpreter {
  readonly calls = new Map<string, Ages>();
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #values: Values;

  readonly #pageOf: PageOf;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, values: Values, pageOf: PageOf) {
    this.#fragments = fragments;
    this.#values = values;
    this.#pageOf = pageOf;
  }

  root(selections: SelectionSetNode): void {
    for (const fields of this.#fieldsOf([selections], 'Query')) {
      const [field] = fields;
      if (field.name.value === 'creator') this.#creator(this.#argument(field, 'id'), fields);
      if (field.name.value === 'creators') {
        // GraphQL takes a single value for a list of one.
        const ids = [this.#argument(field, 'ids')].flat();
        // The field can't be null, so the whole answer is, and there is nothing to pay for.
        if (ids.includes(null)) throw new Refused('No id.');
        for (const id of ids) this.#creator(id, fields);
      }
      if (field.name.value === 'searchCreators') attempt(() => this.#search(fields));
    }
  }

  #search(nodes: Fields): void {
    const [field] = nodes;
    const sort = this.#argument(field, 'sort');
    const page = this.#argument(field, 'page');
    if (sort === null || page === null) throw new Refused('No sort or page.');
    const args = {
      filter: (this.#argument(field, 'filter') ?? {}) as SearchArgs['filter'],
      sort: String(sort ?? 'FOLLOWERS'),
      page: Number(page ?? 1),
    };
    for (const { selectionSet } of nodes) this.#checkHistories(selectionSet, 'CreatorSearch');
    this.#call('searchCreators', args, this.#argument(field, 'maxAgeSeconds') ?? null);
    for (const items of this.#inner(nodes, 'CreatorSearch')) {
      if (items[0].name.value !== 'items') continue;
      for (const creators of this.#inner(items, 'CreatorSearchItem')) {
        if (creators[0].name.value !== 'creator') continue;
        for (const id of this.#pageOf(args)) this.#sections(id, creators);
      }
    }
  }

  /** The fields that are selected of an object. */
  #inner(nodes: Fields, typeName: string): Iterable<Fields> {
    return this.#fieldsOf(
      nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      typeName,
    );
  }

  #creator(id: Value | undefined, fields: Fields): void {
    attempt(() => {
      this.#sections(parseCreatorId(String(id ?? '')), fields);
    });
  }

  #sections(creatorId: string, creators: Fields): void {
    for (const nodes of this.#inner(creators, 'Creator')) attempt(() => this.#section(creatorId, nodes));
  }

  #section(creatorId: string, nodes: Fields): void {
    const [field] = nodes;
    const { value: name } = field.name;
    if (!isSection(name)) return;
    const args: Record<string, Value> = { creatorId };
    for (const [argument, preset] of Object.entries(sections[name])) {
      const value = this.#argument(field, argument);
      if (value === null) throw new Refused(`No ${argument}.`);
      args[argument] = value ?? preset;
    }
    for (const { selectionSet } of nodes) this.#checkHistories(selectionSet, typeOf(name));
    this.#call(name, args, this.#argument(field, 'maxAgeSeconds') ?? null);
  }

  #call(endpoint: EndpointName, args: object, age: Value): void {
    if (Number(age) < 0) throw new Refused('No age.');
    const call = lineOf(endpoint, args);
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
        const { value: name } = selection.name;
        const inner = typeOfField(typeName, name);
        if (inner !== null) this.#checkHistories(selection.selectionSet, inner);
        if (name !== 'history') continue;
        const last = this.#argument(selection, 'last');
        if (last === null || Number(last ?? 10) < 1 || Number(last ?? 10) > 100)
          throw new Refused('No last.');
        this.#checkHistories(selection.selectionSet, typeName);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (mayApply(condition, typeName)) {
        this.#checkHistories(fragment?.selectionSet, typeName);
      }
    }
  }

  /**
   * The fields that are selected, each with all its mentions: fields with one response name are one field. A deferred
   * fragment is a payload of its own, which fails by itself.
   */
  #fieldsOf(selectionSets: readonly SelectionSetNode[], typeName: string): Iterable<Fields> {
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
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        if (!mayApply(fragment?.typeCondition?.name.value, typeName)) continue;
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet, isDeferred ? newPayload() : fields);
        } else if (isDeferred || !spread.has(selection.name.value)) {
          if (!isDeferred) spread.add(selection.name.value);
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

function isSection(name: string): name is SectionName {
  return Object.hasOwn(sections, name);
}

/** `cpMetrics` → `CpMetrics` */
function typeOf(section: SectionName): string {
  return section.charAt(0).toUpperCase() + section.slice(1);
}

/** The type below a field of a search that leads to sections, or of such a section. Null: it leads to none. */
function typeOfField(typeName: string, field: string): string | null {
  if (typeName === 'CreatorSearch' && field === 'items') return 'CreatorSearchItem';
  if (typeName === 'CreatorSearchItem' && field === 'creator') return 'Creator';
  return typeName === 'Creator' && isSection(field) ? typeOf(field) : null;
}

const withoutInterface: ReadonlySet<string> = new Set(['Query', 'CreatorSearchItem']);

/** Whether a fragment with this type condition is about an object of this type. */
function mayApply(condition: string | undefined, typeName: string): boolean {
  if (condition === undefined || condition === typeName) return true;
  if (withoutInterface.has(typeName)) return false;
  return condition === 'Node' || (condition === 'Section' && typeName !== 'Creator');
}

/** A field that fails loses only what is in it. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof BadUserInputError)) throw error;
  }
}
