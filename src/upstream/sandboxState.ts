/** Whether upstream is a sandbox, which makes up its answers. This server or another program may have started it. */
export class SandboxState {
  #accordingToUpstream: boolean | null;
  #accordingToStore: boolean | null = null;

  /** `isCertain`: this server has started the sandbox itself. */
  constructor(isCertain: boolean) {
    this.#accordingToUpstream = isCertain || null;
  }

  get isSandbox(): boolean {
    return this.#accordingToUpstream ?? this.#accordingToStore ?? false;
  }

  noteAnswer(isSandbox: boolean): void {
    this.#accordingToUpstream = isSandbox;
  }

  /** What stored answers say counts until upstream answers. */
  noteStored(isSandbox: boolean): void {
    this.#accordingToStore ??= isSandbox;
  }
}
