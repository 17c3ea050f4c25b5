import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import type { Language } from '../../columns/columns.js';
import { chosenLanguage, useStored } from '../browser/settings.js';
import { type Texts, texts } from './texts.js';

/** The user's language, and the texts in it. */
export interface Speech {
  readonly language: Language;
  readonly t: Texts;
}

const SpeechContext = createContext<Speech>({ language: 'en', t: texts.en });

/** The browser's language: Chinese if it comes before English among those that the user reads. */
function browserLanguage(): Language {
  const known = navigator.languages.find((name) => /^(zh|en)\b/i.test(name));
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function SpeechProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const chosen = useStored(chosenLanguage);
  const language = chosen === 'zh' || chosen === 'en' ? chosen : browserLanguage();
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = texts[language].title;
  }, [language]);
  const speech = useMemo(() => ({ language, t: texts[language] }), [language]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}
