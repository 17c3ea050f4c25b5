/** Where this server keeps what must outlive it. Keys and values are text. */
export interface Store {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  forget(key: string): Promise<void>;
  close(): Promise<void>;
}
