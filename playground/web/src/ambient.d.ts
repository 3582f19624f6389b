// What the build puts in: see build.mjs.

declare const WORKER_FILE: string;
declare const WASM_FILE: string;

declare module "fleetnet-wasm" {
  export class Session {
    constructor();
    check(source: string): string;
    prove(): string;
    build(): string;
    artifact(path: string): string;
    image(path: string): string;
    map(): string;
    outline(): string;
    complete(asked: string): string;
    signature(asked: string): string;
    hover(asked: string): string;
    notes(asked: string): string;
    reached(asked: string): string;
    define(asked: string): string;
    renamed(asked: string): string;
    rename(asked: string): string;
    format(asked: string): string;
    why(question: string): string;
  }
  export function highlight(text: string): Uint32Array;
  export function initSync(options: { module: WebAssembly.Module }): void;
}

declare module "*.fleetnet" {
  const text: string;
  export default text;
}

declare module "*.lock" {
  const text: string;
  export default text;
}
