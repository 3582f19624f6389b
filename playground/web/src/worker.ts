// The compiler, away from the thread that draws.

import { Session, highlight, initSync } from "fleetnet-wasm";

import type { Question, Reply } from "./protocol";

let session: Session | undefined;

function answer(reply: Reply): void {
  postMessage(reply);
}

function ask(compiler: Session, question: Exclude<Question, { module: WebAssembly.Module }>): Reply {
  const { id, call, argument } = question;
  const started = performance.now();
  const reply = (text: string): Reply => ({ id, answer: text, milliseconds: performance.now() - started });
  switch (call) {
    case "highlight":
      return { id, pieces: highlight(argument) };
    case "check":
      return reply(compiler.check(argument));
    case "build":
      return reply(compiler.build());
    case "image":
      return reply(compiler.image(argument));
    case "map":
      return reply(compiler.map());
    case "why":
      return reply(compiler.why(argument));
  }
}

onmessage = ({ data }: MessageEvent<Question>) => {
  try {
    if ("module" in data) {
      initSync({ module: data.module });
      session = new Session();
      answer({ ready: true });
    } else if (session !== undefined) {
      answer(ask(session, data));
    }
  } catch (problem) {
    // A trap leaves nothing to go on with; the page starts another worker.
    answer({ stopped: problem instanceof Error ? problem.message : String(problem) });
  }
};
