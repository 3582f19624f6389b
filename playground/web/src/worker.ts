// The compiler, away from the thread that draws. It fetches itself, so that nobody else is waited for.

import { Session, highlight, initSync } from "fleetnet-wasm";

import type { Question, Reply } from "./protocol";

say({ reached: "begun" });

const session = start();

session.then(() => say({ reached: "ready" }), stop);

// Questions that come before the session is there wait for it, in their order.
onmessage = ({ data }: MessageEvent<Question>) => {
  session.then((compiler) => say(answer(compiler, data))).catch(stop);
};

async function start(): Promise<Session> {
  if (typeof WebAssembly === "undefined" || typeof WebAssembly.compile !== "function") {
    throw new Error("this browser has no WebAssembly, or it is switched off");
  }
  const response = await fetch(new URL(WASM_FILE, location.href));
  if (!response.ok) {
    throw new Error(`it could not be loaded: ${response.status} ${response.statusText}`);
  }
  const streams = response.headers.get("content-type")?.startsWith("application/wasm") === true;
  const module = streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  initSync({ module: await module });
  return new Session();
}

function answer(compiler: Session, { id, call, argument }: Question): Reply {
  const started = performance.now();
  const reply = (text: string): Reply => ({ id, answer: text, milliseconds: performance.now() - started });
  switch (call) {
    case "highlight":
      return { id, pieces: highlight(argument) };
    case "check":
      return reply(compiler.check(argument));
    case "prove":
      return reply(compiler.prove());
    case "build":
      return reply(compiler.build());
    case "artifact":
      return reply(compiler.artifact(argument));
    case "image":
      return reply(compiler.image(argument));
    case "map":
      return reply(compiler.map());
    case "why":
      return reply(compiler.why(argument));
    case "outline":
      return reply(compiler.outline());
    case "complete":
    case "signature":
    case "hover":
    case "notes":
    case "reached":
    case "define":
    case "renamed":
    case "rename":
    case "format":
      return reply(compiler[call](argument));
  }
}

/** A trap leaves nothing to go on with; the page starts another worker. */
function stop(problem: unknown): void {
  say({ stopped: problem instanceof Error ? problem.message : String(problem) });
}

function say(reply: Reply): void {
  postMessage(reply);
}
