import { z } from 'zod';
import { BadUserInputError } from '../../errors.js';
import { quote } from '../../quote.js';
import type { Json, JsonObject } from '../json.js';

export type ParameterValue = string | number | boolean;

/** Values by the vendor's names. One that is not sent is missing. */
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** One of the vendor's parameters, with its own values. */
export interface Parameter {
  /** What a value is, for messages and descriptions. */
  readonly accepts: string;
  readonly form: z.ZodType<ParameterValue>;
  /** Is always sent. Undefined: there is none. */
  readonly defaultValue?: ParameterValue;
  readonly isRequired?: true;
  /** Reads another spelling of a value. Undefined: the parameter is not given. */
  readonly normalise?: (raw: Json) => Json | undefined;
}

/** By the vendor's names, in its order. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** The largest of the vendor's 32-bit integers. */
const maxPage = 0x7fff_ffff;

const maxTextLength = 100;

/** One of the vendor's enum names. `accepts`: for a list that is too long for a message. */
export function oneOf<Name extends string>(
  names: readonly [Name, ...Name[]],
  defaultValue: NoInfer<Name>,
  accepts: string = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names),
): Parameter {
  return { accepts, form: z.enum(names), defaultValue };
}

export const yesOrNo: Parameter = {
  accepts: 'true or false',
  form: z.boolean(),
  defaultValue: false,
};

export const pageNumber: Parameter = {
  accepts: 'a whole number of at least 1',
  form: z.int().min(1).max(maxPage),
  defaultValue: 1,
};

/** A day: `2026-03-01`, or without the dashes. */
export function day(notation: 'yyyy-MM-dd' | 'yyyyMMdd'): Parameter {
  const isDay = (text: string) => z.iso.date().safeParse(text).success;
  const withDashes = (text: string) => text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  return {
    accepts: `a date in the form ${notation}`,
    form: z
      .string()
      .refine((text) =>
        notation === 'yyyyMMdd' ? /^\d{8}$/.test(text) && isDay(withDashes(text)) : isDay(text),
      ),
  };
}

/** Text without half surrogates, which cannot be sent. */
export const searchText: Parameter = {
  accepts: `text of at most ${maxTextLength} characters`,
  form: z.string().refine((text) => [...text].length <= maxTextLength && !/\p{Cs}/u.test(text)),
  normalise: (raw) => (raw === '' ? undefined : raw),
};

/** What an endpoint takes, in words: `range (DAY_30 or DAY_90; default DAY_30)`. */
export function describeParameters(parameters: Parameters): string {
  const all = Object.entries(parameters).map(([name, { accepts, defaultValue, isRequired }]) => {
    const fallback = isRequired
      ? '; required'
      : defaultValue === undefined
        ? ''
        : `; default ${defaultValue}`;
    return `${name} (${accepts}${fallback})`;
  });
  return all.length > 0 ? new Intl.ListFormat('en-GB').format(all) : 'no parameters';
}

/** The form of the values that `readParameters` returns. */
export function formOf(parameters: Parameters): z.ZodType<ParameterValues> {
  const forms = Object.entries(parameters).map(([name, { form, defaultValue, isRequired }]) => {
    const isAlwaysSent = isRequired || defaultValue !== undefined;
    return [name, isAlwaysSent ? form : form.exactOptional()] as const;
  });
  return z.strictObject(Object.fromEntries(forms)).refine(isInOrder) as z.ZodType<ParameterValues>;
}

/**
 * Reads what a client gives: checks it, and adds the defaults, so that two spellings of a call are one call. Throws
 * BadUserInputError.
 */
export function readParameters(endpoint: string, parameters: Parameters, given: JsonObject): ParameterValues {
  const refuse = (why: string): never => {
    throw new BadUserInputError(`${why} ${endpoint} takes ${describeParameters(parameters)}.`);
  };
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) refuse(`${quote(unknown)} is not a parameter of ${endpoint}.`);
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = valueIn(given, name, parameter);
    if (value === undefined) {
      if (parameter.isRequired) refuse(`${endpoint} needs the parameter ${name}.`);
      continue;
    }
    const { success, data } = parameter.form.safeParse(value);
    if (!success) return refuse(`Expected ${name} to be ${parameter.accepts}, but got ${shown(value)}.`);
    values[name] = data;
  }
  if (!isInOrder(values)) {
    refuse(
      `Expected startDate to be no later than endDate, but got ${values['startDate']} and ${values['endDate']}.`,
    );
  }
  return values;
}

/** Undefined: it is not to be sent. Null stands for a parameter that is not given. */
function valueIn(
  given: JsonObject,
  name: string,
  { defaultValue, normalise = (raw) => raw }: Parameter,
): Json | undefined {
  return normalise(given[name] ?? defaultValue ?? null) ?? undefined;
}

/** Dates of one form have the order of their texts. */
function isInOrder({ startDate, endDate }: ParameterValues): boolean {
  return startDate === undefined || endDate === undefined || startDate <= endDate;
}

function shown(value: Json): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}
