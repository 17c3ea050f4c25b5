import { useSyncExternalStore } from 'react';

/** A text that the browser keeps. In `sessionStorage` it ends with the tab. */
class StoredText {
  readonly #storage: Storage;
  readonly #key: string;
  readonly #listeners = new Set<() => void>();

  constructor(storage: Storage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  readonly get = (): string => this.#storage.getItem(this.#key) ?? '';

  set(text: string): void {
    if (text === '') this.#storage.removeItem(this.#key);
    else this.#storage.setItem(this.#key, text);
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Kept for the session alone. */
export const apiKey = new StoredText(sessionStorage, 'xingtu:apiKey');
export const chosenLanguage = new StoredText(localStorage, 'xingtu:language');
export const chosenTheme = new StoredText(localStorage, 'xingtu:theme');
/** A load that costs at most so many calls is not asked about. */
export const callsWithoutAsking = new StoredText(localStorage, 'xingtu:callsWithoutAsking');

export function useStored(text: StoredText): string {
  return useSyncExternalStore(text.subscribe, text.get);
}
