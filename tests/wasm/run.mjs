// Calls the compiler's WebAssembly build once per line of standard input.
//
//   node run.mjs DIR      DIR holds fleetnet_playground.js, as `wasm-glue` writes it
//
// Each line is the argument of `compile`; each answer is printed as a JSON
// string on a line of its own, so that every byte of it survives. If the
// compiler traps, the program ends with Node's report: there is no state to go
// on with.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node run.mjs DIR");
  process.exit(2);
}
const load = createRequire(import.meta.url);
const { compile } = load(resolve(folder, "fleetnet_playground.js"));

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(compile(line))}\n`);
}
