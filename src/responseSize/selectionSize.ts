import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';
import { collectFields, type SelectionContext } from './collectFields.js';
import { checkLast } from './earlierAnswers.js';
import { type SectionSize, sizeOf } from './sectionSize.js';

/** How much a selection writes of an object, at most. */
export interface SelectionSize {
  /** Bytes that do not depend on the object's lists and texts: names, punctuation, numbers, dates. */
  readonly fixedBytes: number;
  /** The same for each item of a list. */
  readonly bytesPerRow: number;
  /** How often a text is written at most: once, unless aliases repeat it. */
  readonly textCopies: number;
  /** How often the whole body is written. */
  readonly bodyCopies: number;
}

/** By field, since one field of a section may have megabytes and the next one a number. */
export interface SectionSelectionSize extends SelectionSize {
  readonly fields: readonly FieldSelectionSize[];
  /** Earlier answers are selected, too. They are sections of their own, which count when they are loaded. */
  readonly hasHistory: boolean;
}

interface FieldSelectionSize extends SelectionSize {
  readonly name: string;
}

/** The bytes of a response, by whether memory already has them. */
export interface ResponseBytes {
  readonly newBytes: number;
  /** Texts of bodies, which are copied into the response when it is written. */
  readonly bodyBytes: number;
}

/** No number, date, amount, enum value, or link made from an id is longer. */
const leafBytes = 48;
/** The id of a section or a price, in base64. */
const idBytes = 192;
/** The parameters of a call, of which one at most is a text, with up to 100 characters. */
const parametersBytes = 1_024;
const punctuationBytes = 4;

/** The bytes that a section adds to a response, at most. JSON's escapes at most double a text. */
export function maxBytesOf(
  { fixedBytes, bodyCopies, fields }: SectionSelectionSize,
  section: SectionSize,
): ResponseBytes {
  let newBytes = fixedBytes;
  for (const { name, bytesPerRow, textCopies } of fields) {
    const { rows, textBytes } = section.of(name);
    newBytes += bytesPerRow * rows + 2 * textCopies * textBytes;
  }
  return { newBytes, bodyBytes: bodyCopies * section.bodyBytes };
}

/** The bytes that a list's objects, which have no lists themselves, add to a response, at most. */
export function maxRowBytes({ fixedBytes, textCopies }: SelectionSize, rows: readonly object[]): number {
  return (fixedBytes + 1) * rows.length + 2 * textCopies * sizeOf(rows).textBytes;
}

/** `fieldNodes`: all nodes of one response key. `type`: the type of its object. Throws if a `history` has invalid arguments. */
export function selectionSizeOf(
  fieldNodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  context: SelectionContext,
): SectionSelectionSize {
  const fields: FieldSelectionSize[] = [];
  const textCopies = new Map<string, number>();
  const sum = { fixedBytes: 2, bytesPerRow: 0, bodyCopies: 0, hasHistory: false };
  const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, nodes] of collectFields(sets, type, context)) {
    const name = nodes[0]?.name.value ?? '';
    const fieldType = fieldTypeOf(type, name);
    const isOfSections = isSection(getNamedType(fieldType));
    const isHistory = isOfSections && name === 'history';
    const field = isOfSections
      ? sectionsSizeOf(nodes, type, context)
      : fieldSelectionSizeOf(nodes, fieldType, context);
    sum.hasHistory ||= isHistory;
    fields.push({ name, ...field });
    sum.fixedBytes += key.length + punctuationBytes + field.fixedBytes;
    sum.bytesPerRow += field.bytesPerRow;
    sum.bodyCopies += field.bodyCopies;
    textCopies.set(name, (textCopies.get(name) ?? 0) + field.textCopies);
  }
  return { ...sum, textCopies: Math.max(0, ...textCopies.values()), fields };
}

function fieldSelectionSizeOf(
  nodes: readonly FieldNode[],
  type: GraphQLOutputType | undefined,
  context: SelectionContext,
): SelectionSize {
  const namedType = getNamedType(type);
  if (!type || !namedType) return leaf;
  if (namedType.name === 'ID') return { ...leaf, fixedBytes: idBytes };
  if (namedType.name === 'JSONObject') {
    const isBody = nodes[0]?.name.value === 'raw';
    return { ...leaf, textCopies: 0, ...(isBody ? { bodyCopies: 1 } : { fixedBytes: parametersBytes }) };
  }
  const size = isCompositeType(namedType) ? selectionSizeOf(nodes, namedType, context) : leaf;
  const { fixedBytes, bytesPerRow, textCopies, bodyCopies } = size;
  return isListType(getNullableType(type))
    ? { fixedBytes: 2, bytesPerRow: bytesPerRow + fixedBytes + 1, textCopies, bodyCopies }
    : { fixedBytes, bytesPerRow, textCopies, bodyCopies };
}

/**
 * Earlier answers, or the sections of a creator that a search has found. They count when they are loaded, but all is checked
 * here, so that nothing is paid for an invalid operation.
 */
function sectionsSizeOf(
  nodes: readonly FieldNode[],
  parent: GraphQLCompositeType,
  context: SelectionContext,
): SelectionSize {
  const [node] = nodes;
  const field = node && 'getFields' in parent ? parent.getFields()[node.name.value] : undefined;
  const type = getNamedType(field?.type);
  if (node && field && field.name === 'history') checkLast(field, node, context.variableValues);
  if (isCompositeType(type)) selectionSizeOf(nodes, type, context);
  return isListType(getNullableType(field?.type)) ? emptyList : loadedLater;
}

export function isSection(type: GraphQLNamedType | undefined): boolean {
  return isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Section');
}

const loadedLater: SelectionSize = {
  fixedBytes: punctuationBytes,
  bytesPerRow: 0,
  textCopies: 0,
  bodyCopies: 0,
};

const emptyList: SelectionSize = { fixedBytes: 2, bytesPerRow: 0, textCopies: 0, bodyCopies: 0 };

const leaf: SelectionSize = { fixedBytes: leafBytes, bytesPerRow: 0, textCopies: 1, bodyCopies: 0 };

export function fieldTypeOf(type: GraphQLCompositeType, name: string): GraphQLOutputType | undefined {
  return 'getFields' in type ? type.getFields()[name]?.type : undefined;
}

/** `selectionSizeOf` for the resolvers of one operation, memoized: many objects may have the same selection. */
export function createSelectionSizes(): (info: GraphQLResolveInfo) => SectionSelectionSize {
  const sizes = new Map<readonly FieldNode[], SectionSelectionSize>();
  return (info) => {
    const size = sizes.get(info.fieldNodes) ?? sizeFor(info);
    sizes.set(info.fieldNodes, size);
    return size;
  };
}

function sizeFor(info: GraphQLResolveInfo): SectionSelectionSize {
  const type = getNamedType(info.returnType);
  if (!isCompositeType(type)) throw new TypeError(`Expected an object type, but got ${info.returnType}.`);
  return selectionSizeOf(info.fieldNodes, type, info);
}
