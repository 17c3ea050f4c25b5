import { useEffect, useState } from 'react';
import type { Language } from '../../columns/columns.js';
import { execute } from '../api/client.js';
import { FilterEnumsDocument } from '../generated/graphql.js';
import type { EnumName } from './filterFields.js';

export interface EnumOption {
  readonly value: string;
  readonly label: string;
}

export type EnumOptions = Readonly<Record<EnumName, readonly EnumOption[]>>;

const noOptions: EnumOptions = { AudienceTrait: [], CreatorList: [], Industry: [], MarketingTarget: [] };

/** The enums' values, labelled by the schema's own descriptions: `Electronics and appliances (3C及电器).` */
export function useEnumOptions(language: Language): EnumOptions {
  const [options, setOptions] = useState(noOptions);
  useEffect(() => {
    let isCurrent = true;
    execute({ document: FilterEnumsDocument, variables: {} }).then(
      ({ data }) => {
        if (!data || !isCurrent) return;
        const named = Object.entries(data).map(([name, type]) => [
          name,
          (type?.enumValues ?? []).map(({ name: value, description }) => ({
            value,
            label: labelIn(description ?? value, language),
          })),
        ]);
        setOptions(Object.fromEntries(named));
      },
      // Introspection may be refused. The other filters work without it.
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [language]);
  return options;
}

function labelIn(description: string, language: Language): string {
  const [, english = description, chinese] =
    /^(.*?)\s*\(([^()]*\p{Script=Han}[^()]*)\)/u.exec(description) ?? [];
  return language === 'zh' ? (chinese ?? english) : english;
}
