/** Whether upstream is a stand-in that makes answers up, whoever started it, as far as its answers have told. */
export class SandboxState {
  #toldByUpstream: boolean | null;
  #toldByStore: boolean | null = null;

  /** True: the server has started the stand-in itself. */
  constructor(isCertain: boolean) {
    this.#toldByUpstream = isCertain || null;
  }

  get isSandbox(): boolean {
    return this.#toldByUpstream ?? this.#toldByStore ?? false;
  }

  noteAnswer(isSandbox: boolean): void {
    this.#toldByUpstream = isSandbox;
  }

  /** A stored answer tells who gave it, which counts until upstream itself answers. */
  noteStored(isSandbox: boolean): void {
    this.#toldByStore ??= isSandbox;
  }
}
