import {
  type GraphQLEnumType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Random } from '../../src/sandbox/random.js';

/** Where a value is used. A variable may be null also where the type is non-null, and then the field fails. */
export interface ValuePosition {
  readonly type: GraphQLInputType;
  readonly hasDefault: boolean;
  /** False: a failure would make the whole answer null, so nothing may fail here. */
  readonly mayFail: boolean;
}

export interface Variable {
  readonly name: string;
  /** Such as `$platform: Platform! = SHORT_VIDEO`. */
  readonly declaration: string;
  /** The positions where it can be used. */
  readonly usableAt: string;
  /** Undefined: left out. */
  readonly given: unknown;
}

/** Of a history, days of spend, or pages. */
const lengths = [1, 1, 2, 3, 10, 100];

const ages = [0, 1, 60, 3_600, 21_599, 86_400, 86_401, 604_800, 2_147_483_647];

const linksTo: readonly ((id: string) => string)[] = [
  (id) => `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`,
  (id) => `http://xingtu.cn/${id}`,
  (id) => `www.xingtu.cn/ad/creator/author/douyin/${id}/`,
  (id) => `HTTPS://WWW.XINGTU.CN/a/${id}?platform=1&from=123456789012345678#top`,
  (id) => `https://star.xingtu.cn/123456789012345/${id}/3`,
];

const malformed: readonly ((id: string) => string)[] = [
  () => '',
  () => 'x',
  () => '66297222958730',
  (id) => `${id}000000`,
  (id) => `-${id}`,
  (id) => `https://example.com/${id}`,
  (id) => `https://xingtu.cn.example.com/${id}`,
  () => 'https://www.xingtu.cn/ad/creator',
];

/** A search always has one, so that it belongs to its operation. */
export function isFilter(type: GraphQLInputType): boolean {
  return isInputObjectType(getNullableType(type));
}

/** The values in the text of one document, and the values of its variables. */
export class RandomValues {
  readonly #random: Random;
  readonly #creatorId: () => string;
  readonly #onVariable: (variable: Variable) => void;
  readonly #variables: Variable[] = [];

  constructor(random: Random, creatorId: () => string, onVariable: (variable: Variable) => void) {
    this.#random = random;
    this.#creatorId = creatorId;
    this.#onVariable = onVariable;
  }

  /** A literal, or a variable. */
  text(position: ValuePosition): string {
    if (isFilter(position.type)) return `{ keyword: ${JSON.stringify(this.#keyword())} }`;
    return this.#random.chance(0.35) ? this.#variable(position) : this.#literal(position.type, position);
  }

  #variable(position: ValuePosition): string {
    const usableAt = `${position.type} ${position.hasDefault} ${position.mayFail}`;
    const known = this.#variables.filter((variable) => variable.usableAt === usableAt);
    const isKnown = known.length > 0 && this.#random.chance(0.5);
    const variable = isKnown ? this.#random.pick(known) : this.#declare(position, usableAt);
    this.#onVariable(variable);
    return `$${variable.name}`;
  }

  #declare({ type, hasDefault, mayFail }: ValuePosition, usableAt: string): Variable {
    const random = this.#random;
    const inner = getNullableType(type);
    const takesNull = !isNonNullType(type);
    const isNullable = takesNull || random.chance(0.4);
    // GraphQL allows a nullable variable for a non-null value only if one of the two has a default.
    const needsDefault = isNullable && !takesNull && !hasDefault;
    const preset = needsDefault || random.chance(0.3) ? this.#literal(type, null) : null;
    const mayBeLeftOut = isNullable || preset !== null;
    const mayBeNull = isNullable && (takesNull || mayFail);
    const variable = {
      name: `${random.pick(['v', 'id', 'platform', 'constructor', 'if'])}${this.#variables.length}`,
      usableAt,
      given:
        mayBeLeftOut && random.chance(0.3)
          ? undefined
          : mayBeNull && random.chance(takesNull ? 0.2 : 0.06)
            ? null
            : this.#given(type),
    };
    const declared = `$${variable.name}: ${inner}${isNullable ? '' : '!'}${preset === null ? '' : ` = ${preset}`}`;
    const complete = { ...variable, declaration: declared };
    this.#variables.push(complete);
    return complete;
  }

  /** `position` null: it may hold no variable. */
  #literal(type: GraphQLInputType, position: ValuePosition | null): string {
    const random = this.#random;
    if (!isNonNullType(type) && position !== null && random.chance(0.1)) return 'null';
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const item = (): string =>
        position !== null && random.chance(0.2)
          ? this.#variable({ ...position, type: inner.ofType, hasDefault: false })
          : this.#literal(getNullableType(inner.ofType), null);
      // GraphQL takes a single literal for a list of one, but not a variable.
      if (random.chance(0.1)) return this.#literal(getNullableType(inner.ofType), null);
      return `[${this.#repeat(item).join(random.pick([', ', ' ', ',\n  ']))}]`;
    }
    if (isEnumType(inner)) return this.#enumValue(inner);
    if (`${inner}` === 'Boolean') return String(random.chance(0.6));
    if (`${inner}` === 'Int') return String(this.#int(type));
    if (`${inner}` === 'ID') return this.#idLiteral();
    throw new Error(`Expected a type that random values exist for, but got ${inner}.`);
  }

  #given(type: GraphQLInputType): unknown {
    const random = this.#random;
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const item = () => this.#given(getNullableType(inner.ofType));
      return random.chance(0.1) ? item() : this.#repeat(item);
    }
    if (isEnumType(inner)) return this.#enumValue(inner);
    if (`${inner}` === 'Boolean') return random.chance(0.6);
    if (`${inner}` === 'Int') return this.#int(type);
    const id = this.#creatorId();
    // JSON may round numbers of more than 15 digits.
    return /^[1-9]\d{14}$/.test(id) && random.chance(0.5) ? Number(id) : this.#written(id);
  }

  /** With what tells operations apart in ids. */
  #keyword(): string {
    return `k${this.#creatorId().slice(1, 8)}-${this.#random.whole(1, 3)}`;
  }

  #repeat<T>(item: () => T): T[] {
    const random = this.#random;
    const length = random.chance(0.006) ? random.whole(20, 60) : random.pick([0, 1, 1, 2, 2, 3, 3, 4, 5]);
    return Array.from({ length }, item);
  }

  #enumValue(type: GraphQLEnumType): string {
    return this.#random.pick(type.getValues()).name;
  }

  /** Only lengths and pages must not be null. Other numbers of days would make the whole answer null. */
  #int(type: GraphQLInputType): number {
    return isNonNullType(type) ? this.#random.pick(lengths) : this.#age();
  }

  #age(): number {
    return this.#random.chance(0.05) ? -this.#random.whole(1, 86_400) : this.#random.pick(ages);
  }

  /** As any of GraphQL's forms of a string, or as a number. */
  #idLiteral(): string {
    const random = this.#random;
    const id = this.#creatorId();
    if (/^[1-9]/.test(id) && random.chance(0.25)) return id;
    const text = this.#written(id);
    if (random.chance(0.05)) return JSON.stringify(text).replace(/\d/, (digit) => `\\u003${digit}`);
    if (random.chance(0.05) && text !== '' && !text.endsWith('\n')) return `"""${text}"""`;
    return JSON.stringify(text);
  }

  #written(id: string): string {
    const random = this.#random;
    const text = random.chance(0.05)
      ? random.pick(malformed)(id)
      : random.chance(0.2)
        ? random.pick(linksTo)(id)
        : id;
    return random.chance(0.1) ? random.pick([` ${text}`, `${text}\n`, `\t${text}  `, `\u3000${text}`]) : text;
  }
}
