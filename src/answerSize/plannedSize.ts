import {
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
import type { Section } from '../upstream/client.js';
import { errorBytes, largeBytes } from './answerSize.js';
import { measureOf } from './measure.js';
import { bytesOf, fieldsOf, type Selecting, type Weight, weightOf } from './weight.js';

/** What a body is taken to hold that is not there yet: twenty times the largest of the samples. */
const expectedBodyBytes = 65_536;

/** `Query.upstream`: a row for each endpoint, each with up to 100 names of keys. */
const upstreamMeasure = { rows: 505, bodyBytes: 65_536 };

interface Named {
  repeats: number;
  raws: number;
}

/** What can be known of an answer's size before anything is called. */
export class PlannedSize {
  readonly #maxBytes: number;
  /** What of sections that are not at hand is named, by their names. */
  readonly #unknown = new Map<string, Named>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Of the sections that are at hand, and of what is named again and again of others. */
  get bytes(): number {
    return this.#bytes;
  }

  get isLarge(): boolean {
    return this.#bytes > largeBytes;
  }

  get isTooLarge(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /** One mention of a section. Null: it is not at hand, and may be small; but what repeats it multiplies it. */
  note(name: string, section: Section | null, weight: Weight): void {
    if (section) {
      this.#bytes += bytesOf(weight, measureOf(section));
      return;
    }
    const { repeats, raws } = this.#unknown.get(name) ?? { repeats: 0, raws: 0 };
    const all = { repeats: repeats + weight.repeats, raws: raws + weight.raws };
    this.#unknown.set(name, all);
    const again = (times: number, before: number) => Math.max(0, times - Math.max(1, before));
    this.#bytes += weight.fixed + expectedBodyBytes * (again(all.repeats, repeats) + again(all.raws, raws));
  }
}

/**
 * What an operation's answer may have beside its sections, found without executing it: aliases inside one another multiply,
 * so that a short text may name millions of fields.
 */
export function outlineBytes({ schema, document, operationName, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  const type = operation && schema.getRootType(operation.operation);
  if (!type) return 0;
  const selecting: Selecting = {
    schema,
    fragments: Object.fromEntries(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    ),
    variableValues: { ...defaultsOf(operation), ...variableValues },
  };
  let bytes = 0;
  for (const nodes of fieldsOf([operation.selectionSet], type, selecting).values()) {
    bytes += rootFieldBytes(nodes, type, selecting);
  }
  return bytes;
}

function rootFieldBytes(nodes: readonly FieldNode[], type: GraphQLObjectType, selecting: Selecting): number {
  const name = nodes[0]?.name.value ?? '';
  const fieldType = getNamedType(type.getFields()[name]?.type);
  if (!fieldType || !isCompositeType(fieldType)) return 0;
  if (name === 'upstream') return bytesOf(weightOf(nodes, fieldType, selecting), upstreamMeasure);
  let bytes = errorBytes;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, [field]] of fieldsOf(sets, fieldType, selecting)) {
    const inner = isObjectType(fieldType) ? fieldType.getFields()[field?.name.value ?? '']?.type : undefined;
    bytes += key.length + (isCompositeType(getNamedType(inner)) ? errorBytes : leafBytes);
  }
  return bytes * creatorsIn(nodes[0], selecting);
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
