// What the kernel uses of WebAssembly's JavaScript interface: TypeScript declares it in its browser library only, and
// that one would bring `window` and the rest. https://webassembly.github.io/spec/js-api/
declare namespace WebAssembly {
  class Module {
    // keeps a module apart from any other object
    private readonly brand: never;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    /** `initial` in pages of 64 KiB. */
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class CompileError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
}
