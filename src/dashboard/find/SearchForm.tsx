import { type ReactNode, useId, useState } from 'react';
import type { CreatorFilter, CreatorSort } from '../generated/graphql.js';
import { useSpeech } from '../speech/language.js';
import { type EnumOptions, useEnumOptions } from './enumLabels.js';
import { type FilterField, firstFilters, moreFilters } from './filterFields.js';

export interface Search {
  readonly filter: CreatorFilter;
  readonly sort: CreatorSort;
}

interface SearchFormProps {
  readonly initial: Search;
  readonly isBusy: boolean;
  readonly onSearch: (search: Search) => void;
}

const priceTypes = ['VIDEO_1_20S', 'VIDEO_21_60S', 'VIDEO_OVER_60S'] as const;

/** The vendor's filters: those that a media buyer uses first, and the others folded. */
export function SearchForm({ initial, isBusy, onSearch }: SearchFormProps): ReactNode {
  const { language, t } = useSpeech();
  const [filter, setFilter] = useState(initial.filter);
  const [sort, setSort] = useState(initial.sort);
  const options = useEnumOptions(language);
  const set = (change: CreatorFilter) => setFilter({ ...filter, ...change });
  const input = (field: FilterField) => (
    <FilterInput key={field.name} field={field} filter={filter} options={options} onChange={set} />
  );
  const hasMore = moreFilters.some(({ name }) => filter[name] !== undefined && filter[name] !== null);
  return (
    <form
      className="card filters"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch({ filter: withoutNothing(filter), sort });
      }}
    >
      <h1>{t.searchTitle}</h1>
      <div className="grid">
        <label className="field">
          <span>{t.keyword}</span>
          <input
            type="search"
            value={filter.keyword ?? ''}
            onChange={(event) => set({ keyword: event.target.value })}
          />
        </label>
        <Choice
          title={t.searchBy}
          value={filter.searchBy ?? 'NICKNAME'}
          options={[
            { value: 'NICKNAME', label: t.NICKNAME },
            { value: 'CONTENT', label: t.CONTENT },
          ]}
          onChange={(value) => set({ searchBy: value === 'CONTENT' ? 'CONTENT' : null })}
        />
        {firstFilters.map(input)}
        <PriceInput filter={filter} onChange={set} />
        <Choice
          title={t.gender}
          value={filter.gender ?? ''}
          options={[
            { value: '', label: t.any },
            { value: 'MALE', label: t.MALE },
            { value: 'FEMALE', label: t.FEMALE },
          ]}
          onChange={(value) => set({ gender: value === 'MALE' || value === 'FEMALE' ? value : null })}
        />
        <Choice
          title={t.sort}
          value={sort}
          options={[
            { value: 'FOLLOWERS', label: t.FOLLOWERS },
            { value: 'SCORE', label: t.SCORE },
          ]}
          onChange={(value) => setSort(value === 'SCORE' ? 'SCORE' : 'FOLLOWERS')}
        />
      </div>
      <details open={hasMore}>
        <summary>{t.moreFilters}</summary>
        <div className="grid">{moreFilters.map(input)}</div>
      </details>
      <div className="buttons">
        <button type="button" onClick={() => setFilter({})}>
          {t.reset}
        </button>
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? t.loading : t.search}
        </button>
      </div>
    </form>
  );
}

interface FilterInputProps {
  readonly field: FilterField;
  readonly filter: CreatorFilter;
  readonly options: EnumOptions;
  readonly onChange: (change: CreatorFilter) => void;
}

function FilterInput({ field, filter, options, onChange }: FilterInputProps): ReactNode {
  const { t } = useSpeech();
  const title = t[field.name] as string;
  const value: unknown = filter[field.name];
  const set = (next: unknown) => onChange({ [field.name]: next } as CreatorFilter);
  switch (field.kind) {
    case 'range':
      return <RangeInput title={title} unit={field.unit} range={(value ?? {}) as Range} onChange={set} />;
    case 'labels':
      return (
        <ManyInput
          title={title}
          options={field.labels.map((label) => ({ value: label, label }))}
          chosen={(value ?? []) as string[]}
          onChange={set}
        />
      );
    case 'enums':
      return (
        <ManyInput
          title={title}
          options={options[field.enumName]}
          chosen={(value ?? []) as string[]}
          onChange={set}
        />
      );
    case 'enum':
      return (
        <Choice
          title={title}
          value={String(value ?? '')}
          options={[
            { value: '', label: t.any },
            ...options[field.enumName].filter((option) => option.value !== 'ALL'),
          ]}
          onChange={(next) => set(next || null)}
        />
      );
    case 'flag':
      return (
        <label className="flag">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => set(event.target.checked || null)}
          />
          {title}
        </label>
      );
  }
}

interface ChoiceProps {
  readonly title: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

function Choice({ title, value, options, onChange }: ChoiceProps): ReactNode {
  return (
    <label className="field">
      <span>{title}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

type End = number | string | null | undefined;

interface Range {
  readonly min?: End;
  readonly max?: End;
}

interface RangeInputProps {
  readonly title: string;
  readonly unit: 'count' | 'amount' | 'rate';
  readonly range: Range;
  readonly onChange: (range: Range | null) => void;
}

/** Amounts are texts of yuan, and rates are entered in percent. */
function RangeInput({ title, unit, range, onChange }: RangeInputProps): ReactNode {
  const { t } = useSpeech();
  const shown = (end: End) =>
    end === null || end === undefined
      ? ''
      : unit === 'rate'
        ? String(Number((Number(end) * 100).toFixed(4)))
        : String(end);
  const change = (name: 'min' | 'max') => (text: string) => {
    const end =
      text === '' ? null : unit === 'amount' ? text : unit === 'rate' ? Number(text) / 100 : Number(text);
    const { min = null, max = null }: Range = { ...range, [name]: end };
    onChange(min === null && max === null ? null : { min, max });
  };
  return (
    <fieldset className="field range">
      <legend>
        {title}
        {unit === 'rate' ? ' (%)' : unit === 'amount' ? ' (¥)' : ''}
      </legend>
      {(['min', 'max'] as const).map((name) => (
        <input
          key={name}
          type="number"
          min={0}
          step={unit === 'count' ? 1 : 'any'}
          aria-label={`${title}, ${t[name]}`}
          placeholder={t[name]}
          value={shown(range[name])}
          onChange={(event) => change(name)(event.target.value)}
        />
      ))}
    </fieldset>
  );
}

function PriceInput({ filter, onChange }: Pick<FilterInputProps, 'filter' | 'onChange'>): ReactNode {
  const { t } = useSpeech();
  const [type, setType] = useState<(typeof priceTypes)[number]>(
    priceTypes.find((known) => known === filter.price?.type) ?? 'VIDEO_21_60S',
  );
  return (
    <div className="pair">
      <RangeInput
        title={t.price}
        unit="amount"
        range={filter.price ?? {}}
        onChange={(range) =>
          onChange({ price: range && { type, ...(range as { min: string; max: string }) } })
        }
      />
      <Choice
        title={t.priceType}
        value={type}
        options={priceTypes.map((value) => ({ value, label: t[value] }))}
        onChange={(value) => {
          const next = priceTypes.find((known) => known === value) ?? type;
          setType(next);
          if (filter.price) onChange({ price: { ...filter.price, type: next } });
        }}
      />
    </div>
  );
}

interface ManyInputProps {
  readonly title: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[] | null) => void;
}

/** Several of a list: typed with suggestions, and shown as buttons that remove them. */
function ManyInput({ title, options, chosen, onChange }: ManyInputProps): ReactNode {
  const { t } = useSpeech();
  const [text, setText] = useState('');
  const listId = useId();
  const add = (typed: string) => {
    const option = options.find(({ label, value }) => label === typed || value === typed);
    if (!option) {
      setText(typed);
      return;
    }
    setText('');
    if (!chosen.includes(option.value)) onChange([...chosen, option.value]);
  };
  const labelOf = (value: string) => options.find((option) => option.value === value)?.label ?? value;
  return (
    <div className="field">
      <label>
        <span>{title}</span>
        <input list={listId} value={text} placeholder={t.add} onChange={(event) => add(event.target.value)} />
      </label>
      <datalist id={listId}>
        {options.map(({ value, label }) => (
          <option key={value} value={label} />
        ))}
      </datalist>
      {chosen.length > 0 && (
        <ul className="chips">
          {chosen.map((value) => (
            <li key={value}>
              <button
                type="button"
                className="chip"
                aria-label={t.remove(labelOf(value))}
                onClick={() => {
                  const left = chosen.filter((other) => other !== value);
                  onChange(left.length > 0 ? left : null);
                }}
              >
                {labelOf(value)} ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Filters that say nothing are left out, so that the link to a search is short. */
function withoutNothing(filter: CreatorFilter): CreatorFilter {
  const stated = Object.entries(filter).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return Object.fromEntries(stated);
}
