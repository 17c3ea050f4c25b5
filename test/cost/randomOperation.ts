import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isRequiredArgument,
} from 'graphql';
import type { Random } from '../../src/sandbox/random.js';
import { type Field, isOnTheWay, type Material, materialOf, names } from './documentMaterial.js';
import { isFilter, RandomValues, type Variable } from './randomValues.js';

export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
}

const deepest = 11;
const mostAliases = 180;
const mostDirectives = 36;
const mostSelections = 200;

/** How many selections a set has, by depth. The second level has most: the paid sections are there. */
const lengths: readonly (readonly number[])[] = [
  [1, 1, 1, 2, 2],
  [1, 1, 2, 2, 3, 5],
];

interface Fragment {
  readonly name: string;
  readonly on: GraphQLCompositeType;
  readonly mayFail: boolean;
  readonly text: string;
  /** How many levels of selections it has. */
  readonly height: number;
  readonly needs: Needs;
}

/** What an operation or a fragment uses, directly or through fragments. */
interface Needs {
  readonly variables: Set<Variable>;
  readonly fragments: Set<string>;
}

/** The place of a selection set. `depth` counts fields and fragments. */
interface Level {
  readonly parent: GraphQLCompositeType;
  readonly depth: number;
  readonly mayFail: boolean;
}

/**
 * Makes random requests with valid documents of everything that the schema has. The same `random` makes the same request.
 * `creatorId` gives the creators.
 */
export function operationsOf(schema: GraphQLSchema): (random: Random, creatorId: () => string) => Operation {
  const material = materialOf(schema);
  return (random, creatorId) => new RandomDocument(material, random, creatorId).operation();
}

class RandomDocument {
  readonly #material: Material;
  readonly #random: Random;
  readonly #values: RandomValues;
  readonly #fragments: Fragment[] = [];
  /**
   * Response names by what they mean: field, arguments and type. A name has one meaning in the whole document, so that
   * fields with the same name can always be merged.
   */
  readonly #names = new Map<string, readonly string[]>();
  readonly #taken = new Set<string>();
  #needs: Needs = { variables: new Set(), fragments: new Set() };
  #reached = 0;
  #aliases = 0;
  #directives = 0;
  #selections = 0;
  #named = 0;

  constructor(material: Material, random: Random, creatorId: () => string) {
    this.#material = material;
    this.#random = random;
    this.#values = new RandomValues(random, creatorId, (variable) => this.#needs.variables.add(variable));
  }

  operation(): Operation {
    const random = this.#random;
    const operations = Array.from({ length: random.chance(0.15) ? random.whole(2, 3) : 1 }, () =>
      this.#root(),
    );
    const isNamed = operations.length > 1 || random.chance(0.5);
    const written = operations.map(({ text, needs }) => {
      const name = isNamed ? this.#newName() : '';
      const declared = [...needs.variables].map(({ declaration }) => declaration).join(', ');
      const head = declared === '' ? name : `${name}(${declared})`;
      return { name, needs, text: head === '' && random.chance(0.7) ? text : `query ${head} ${text}` };
    });
    const used = new Set(written.flatMap(({ needs }) => [...needs.fragments]));
    const fragments = this.#fragments.filter(({ name }) => used.has(name)).map(({ text }) => text);
    const texts = written.map(({ text }) => text);
    const chosen = random.pick(written);
    const isChoiceNeeded = operations.length > 1 || (isNamed && random.chance(0.3));
    const given = [...chosen.needs.variables].filter((variable) => variable.given !== undefined);
    return {
      query: (random.chance(0.5) ? [...texts, ...fragments] : [...fragments, ...texts]).join('\n'),
      variables: Object.fromEntries(given.map((variable) => [variable.name, variable.given])),
      operationName: isChoiceNeeded ? chosen.name : undefined,
    };
  }

  #root() {
    const parent = this.#material.query;
    return this.#recording(() => this.#selectionSet({ parent, depth: 0, mayFail: true }));
  }

  /** What `write` uses is recorded by itself. */
  #recording(write: () => string) {
    const outer = { needs: this.#needs, reached: this.#reached };
    const needs: Needs = { variables: new Set(), fragments: new Set() };
    this.#needs = needs;
    this.#reached = 0;
    const text = write();
    const reached = this.#reached;
    this.#needs = outer.needs;
    this.#reached = Math.max(outer.reached, reached);
    return { text, needs, reached };
  }

  #selectionSet(level: Level): string {
    this.#reached = Math.max(this.#reached, level.depth + 1);
    const length = this.#random.pick(lengths[level.depth] ?? [1, 1, 1, 1, 2]);
    const selections = Array.from({ length }, () => this.#selection(level));
    return `{ ${selections.join(' ')} }`;
  }

  #selection(level: Level): string {
    const random = this.#random;
    this.#selections += 1;
    if (this.#selections > mostSelections || this.#aliases >= mostAliases) return '__typename';
    if (level.depth < deepest - 1) {
      const share = level.depth < 2 ? 0.12 : 0.07;
      if (random.chance(share)) return this.#inlineFragment(level);
      if (random.chance(share)) return this.#spread(level);
    }
    if (random.chance(0.04)) return this.#field(level, '__typename', '', 'String!');
    return this.#anyField(level);
  }

  #inlineFragment(level: Level): string {
    const parent = this.#random.pick(this.#typesWithin(level.parent));
    const condition = parent !== level.parent || this.#random.chance(0.6) ? ` on ${parent.name}` : '';
    const directives = this.#directivesOn(level, true);
    return `...${condition}${directives} ${this.#selectionSet({ ...level, parent, depth: level.depth + 1 })}`;
  }

  #spread(level: Level): string {
    const directives = this.#directivesOn(level, true);
    const types = this.#typesWithin(level.parent);
    const fitting = this.#fragments.filter(
      ({ on, mayFail, height }) =>
        types.includes(on) && level.depth + height < deepest && mayFail === level.mayFail,
    );
    const isOld = fitting.length > 0 && this.#random.chance(0.6);
    const fragment = isOld ? this.#random.pick(fitting) : this.#newFragment(level);
    this.#reached = Math.max(this.#reached, level.depth + 1 + fragment.height);
    for (const variable of fragment.needs.variables) this.#needs.variables.add(variable);
    for (const name of [...fragment.needs.fragments, fragment.name]) this.#needs.fragments.add(name);
    return `...${fragment.name}${directives}`;
  }

  /** A fragment is spread only after it is written, so that none contains itself. */
  #newFragment({ parent, depth, mayFail }: Level): Fragment {
    const on = this.#random.pick(this.#typesWithin(parent));
    const name = this.#newName();
    const { text, needs, reached } = this.#recording(() =>
      this.#selectionSet({ parent: on, depth: depth + 1, mayFail }),
    );
    const height = reached - depth - 1;
    const fragment = { name, on, mayFail, text: `fragment ${name} on ${on.name} ${text}`, height, needs };
    this.#fragments.push(fragment);
    return fragment;
  }

  #anyField(level: Level): string {
    const mayEnd = level.depth > 2 && !isOnTheWay(level.parent);
    const isLeafNeeded = level.depth >= deepest - 1 || (mayEnd && this.#random.chance(0.7));
    const fields = this.#material.fieldsOf.get(level.parent);
    const possible = (isLeafNeeded ? fields?.leaves : fields?.all) ?? [];
    if (possible.length === 0) return '__typename';
    const field = this.#random.pick(possible);
    const type = getNamedType(field.type);
    const mayFail = level.mayFail && !this.#failsAll(level, field);
    const args = this.#arguments(field, { ...level, mayFail });
    const stream = isListType(isNonNullType(field.type) ? field.type.ofType : field.type)
      ? this.#stream()
      : '';
    const written = this.#field(level, field.name, args, String(field.type), stream);
    if (!isCompositeType(type)) return written;
    return `${written} ${this.#selectionSet({ parent: type, depth: level.depth + 1, mayFail })}`;
  }

  /**
   * A failure in a root field that can't be null makes the whole answer null; in a list, only the item. In a streamed list of
   * items that can't be null it does, too.
   */
  #failsAll({ parent }: Level, { name, type }: Field): boolean {
    if (name === 'items' && isOnTheWay(getNamedType(type))) return true;
    return parent === this.#material.query && isNonNullType(type) && !isListType(type.ofType);
  }

  #arguments({ args }: Field, { mayFail }: Level): string {
    const written = args
      .filter((arg) => isRequiredArgument(arg) || isFilter(arg.type) || this.#random.chance(0.45))
      .map((arg) => {
        const hasDefault = arg.defaultValue !== undefined;
        return `${arg.name}: ${this.#values.text({ type: arg.type, hasDefault, mayFail })}`;
      });
    return written.length === 0
      ? ''
      : `(${(this.#random.chance(0.5) ? written : written.reverse()).join(', ')})`;
  }

  /** Fields with one response name must have the same @stream, so that it is part of the name's meaning. */
  #field(level: Level, name: string, args: string, type: string, stream = ''): string {
    const alias = this.#nameFor(level, name, `${name}${args}: ${type}${stream}`);
    if (alias !== name) this.#aliases += 1;
    return `${alias === name ? '' : `${alias}: `}${name}${args}${stream}${this.#directivesOn(level, false)}`;
  }

  #stream(): string {
    const random = this.#random;
    if (!this.#material.hasStream || this.#directives >= mostDirectives || random.chance(0.8)) return '';
    this.#directives += 1;
    const count = random.chance(0.6) ? `initialCount: ${random.whole(0, 3)}` : '';
    const condition = { type: this.#material.condition, hasDefault: false, mayFail: false };
    const args = [count, random.chance(0.3) ? `if: ${this.#values.text(condition)}` : ''];
    const written = args.filter(Boolean).join(', ');
    return written === '' ? ' @stream' : ` @stream(${written})`;
  }

  /** Often a name that already has this meaning, so that the two fields are merged. */
  #nameFor({ parent }: Level, name: string, meaning: string): string {
    const random = this.#random;
    const known = this.#names.get(meaning) ?? [];
    if (known.length > 0 && random.chance(0.6)) return random.pick(known);
    const aliases = this.#material.fieldsOf.get(parent)?.aliases ?? names;
    const wanted = !this.#taken.has(name) && random.chance(0.7) ? name : random.pick(aliases);
    if (known.includes(wanted)) return wanted;
    const chosen = this.#taken.has(wanted) ? `${wanted}${this.#taken.size}` : wanted;
    this.#taken.add(chosen);
    this.#names.set(meaning, [...known, chosen]);
    return chosen;
  }

  #directivesOn({ mayFail, depth }: Level, isFragment: boolean): string {
    const random = this.#random;
    const count = random.chance(depth < 2 ? 0.16 : 0.08) ? (random.chance(0.2) ? 2 : 1) : 0;
    const isDeferred = isFragment && this.#material.hasDefer && random.chance(0.2);
    if (this.#directives + count + Number(isDeferred) > mostDirectives) return '';
    const condition = (canFail: boolean) =>
      this.#values.text({ type: this.#material.condition, hasDefault: false, mayFail: canFail });
    const kinds = random.chance(0.6) ? ['include', 'skip'] : ['skip', 'include'];
    const written = kinds.slice(0, count).map((kind) => `@${kind}(if: ${condition(mayFail)})`);
    if (isDeferred) {
      const label = random.chance(0.5) ? `label: "${this.#newName()}"` : '';
      const args = [label, random.chance(0.5) ? `if: ${condition(false)}` : ''].filter(Boolean).join(', ');
      written.push(args === '' ? '@defer' : `@defer(${args})`);
    }
    this.#directives += written.length;
    return written.map((directive) => ` ${directive}`).join('');
  }

  /** What a fragment within `parent` may be on. */
  #typesWithin(parent: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return this.#material.typesWithin.get(parent) ?? [parent];
  }

  #newName(): string {
    this.#named += 1;
    return `${this.#random.pick(names.filter((name) => name !== 'on'))}${this.#named}`;
  }
}
