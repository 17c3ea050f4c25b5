import {
  __Schema,
  __Type,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLObjectType,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { endpointNames } from '../upstream/endpoints/table.js';
import type { Section } from '../upstream/section.js';
import { errorBytes, largeBytes, wholeBytes } from './answerSize.js';
import { measureOf } from './measure.js';
import { turnBytes } from './turns.js';
import { bytesOf, fieldsOf, type SectionWeight, type Selecting, weightOf } from './weight.js';

/** What a body is taken to hold that is not there yet: twenty times the largest of the samples. */
const expectedBodyBytes = 65_536;

/** `Query.upstream`: a row for each endpoint, each with up to 100 names of keys. */
const upstreamRows = endpointNames.length * 101;
const upstreamTextBytes = 65_536;

/** `null` or `{}`. */
const emptyBytes = 4;

/** All that GraphiQL asks of the schema. */
const introspectionBytes = 131_072;

const introspectionTypes: Readonly<Record<string, GraphQLObjectType>> = {
  __schema: __Schema,
  __type: __Type,
};

interface Named {
  readonly repeats: number;
  readonly raws: number;
}

const notNamed: Named = { repeats: 0, raws: 0 };

/** What can be known of an answer's size before anything is called. */
export class PlannedSize {
  readonly #maxBytes: number;
  /** By section: how often what is in it was named. */
  readonly #named = new Map<string, Named>();
  #answerBytes: number;
  #madeBytes: number;
  #bodyBytes = 0;

  /** `outline`: what the answer has beside its sections. */
  constructor(maxBytes: number, outline: number) {
    this.#maxBytes = maxBytes;
    this.#answerBytes = outline;
    this.#madeBytes = outline;
  }

  /** What is to be made of the sections that are at hand, and what of it stays until it is written. */
  get claimBytes(): number {
    return this.#madeBytes + Math.min(this.#answerBytes - this.#madeBytes, wholeBytes);
  }

  get isLarge(): boolean {
    return this.#answerBytes > largeBytes;
  }

  get isTooLarge(): boolean {
    return Math.max(this.#answerBytes, this.#bodyBytes) > this.#maxBytes;
  }

  /** One mention of a section. Null: it is not at hand, and may be small; but what repeats it multiplies it. */
  note(name: string, section: Section | null, weight: SectionWeight): void {
    const before = this.#named.get(name) ?? notNamed;
    const after = { repeats: before.repeats + weight.repeats, raws: before.raws + weight.raws };
    this.#named.set(name, after);
    if (section) {
      const measure = measureOf(section);
      const { made, taken } = bytesOf(weight, measure);
      if (before === notNamed) this.#bodyBytes += measure.bodyBytes;
      this.#madeBytes += made;
      this.#answerBytes += made + taken;
      return;
    }
    const again = againOf(after.repeats, before.repeats) + againOf(after.raws, before.raws);
    this.#answerBytes += expectedBodyBytes * again;
  }
}

/** How many of the times that something was named since were not the first. */
function againOf(times: number, before: number): number {
  return Math.max(0, times - Math.max(1, before));
}

/** What an operation's answer may have beside its sections. */
export interface Outline {
  readonly bytes: number;
  /** How often it may fail: for each mention of a creator or a section. */
  readonly errors: number;
}

/** Each takes 50 µs to be made, told where it is, and written; nothing else happens meanwhile. */
const mostErrors = 4_096;

/** The same takes a quarter of a second. */
const mostOutlineBytes = 8 * 1_048_576;

/** What is some milliseconds' work waits for its turn. */
export function takesTurn({ bytes, errors }: Outline): boolean {
  return bytes + errors * errorBytes > turnBytes;
}

export function isOutlineTooLarge({ bytes, errors }: Outline, maxBytes: number): boolean {
  return errors > mostErrors || bytes > Math.min(maxBytes, mostOutlineBytes);
}

/**
 * Found without executing: aliases inside one another multiply, so that a short text may name millions of fields.
 */
export function outlineOf({ schema, document, operationName, variableValues }: ExecutionArgs): Outline {
  const operation = getOperationAST(document, operationName);
  const type = operation && schema.getRootType(operation.operation);
  const outline = { bytes: emptyBytes, errors: 0 };
  if (!type) return outline;
  const selecting: Selecting = {
    schema,
    fragments: Object.fromEntries(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    ),
    variableValues: { ...defaultsOf(operation), ...variableValues },
  };
  for (const [key, nodes] of fieldsOf([operation.selectionSet], type, selecting)) {
    const { bytes, errors } = rootFieldOutline(nodes, type, selecting);
    outline.bytes += key.length + leafBytes + bytes;
    outline.errors += errors;
  }
  return outline;
}

function rootFieldOutline(
  nodes: readonly FieldNode[],
  type: GraphQLObjectType,
  selecting: Selecting,
): Outline {
  const name = nodes[0]?.name.value ?? '';
  const introspected = introspectionTypes[name];
  if (introspected) {
    const { fixed, perRow } = weightOf(nodes, introspected, selecting);
    return { bytes: fixed + (perRow > 0 ? introspectionBytes : 0), errors: 0 };
  }
  const fieldType = getNamedType(type.getFields()[name]?.type);
  if (!isObjectType(fieldType)) return { bytes: 0, errors: 0 };
  if (name === 'upstream') {
    const { fixed, perRow, repeats } = weightOf(nodes, fieldType, selecting);
    return { bytes: fixed + perRow * upstreamRows + repeats * upstreamTextBytes, errors: 0 };
  }
  let bytes = 0;
  let errors = 1;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, [field]] of fieldsOf(sets, fieldType, selecting)) {
    const isSection = isCompositeType(getNamedType(fieldType.getFields()[field?.name.value ?? '']?.type));
    bytes += key.length + (isSection ? 0 : leafBytes);
    errors += isSection ? 1 : 0;
  }
  const creators = creatorsIn(nodes[0], selecting);
  return { bytes: bytes * creators, errors: errors * creators };
}

/** A link made from an id. */
const leafBytes = 128;

/** One, or as many as there are ids. */
function creatorsIn(node: FieldNode | undefined, { variableValues }: Selecting): number {
  const ids = node?.arguments?.find(({ name }) => name.value === 'ids')?.value;
  const list = ids && valueFromASTUntyped(ids, variableValues);
  return Array.isArray(list) ? list.length : 1;
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
}
