// Takes fleets through the compiler's stages in WebAssembly and prints what each took.
//
//   node run.mjs DIR [SIZE…]      DIR holds fleetnet_bench.js, as `wasm-glue` writes it
//
// A line each, tabs between: SIZE STAGE SECONDS BYTES, bytes being the whole
// memory of the instance, which never shrinks.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...named] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node run.mjs DIR [SIZE…]");
  process.exit(2);
}
const load = createRequire(import.meta.url);
const { Timed, instance_memory: memory } = load(resolve(folder, "fleetnet_bench.js"));

const ENOUGH = 2000;
const sizes = named.length > 0 ? named : ["small", "middle", "large"];

function once(size) {
  const build = Timed.of(size);
  if (build === undefined) throw new Error(`there is no size ${size}`);
  const rows = new Map();
  for (let stage = build.next(); stage !== undefined; stage = build.next()) {
    const started = performance.now();
    build.run();
    rows.set(stage, (performance.now() - started) / 1000);
    if (build.errors() > 0) throw new Error(`${stage} of ${size} finds errors`);
  }
  build.free();
  return rows;
}

for (const size of sizes) {
  const started = performance.now();
  const best = once(size);
  while (performance.now() - started < ENOUGH) {
    for (const [stage, seconds] of once(size)) best.set(stage, Math.min(best.get(stage), seconds));
  }
  best.set("all but writing", [...best.values()].reduce((sum, seconds) => sum + seconds, 0));
  const bytes = memory().buffer.byteLength;
  for (const [stage, seconds] of best) console.log(`${size}\t${stage}\t${seconds.toFixed(6)}\t${bytes}`);
}
