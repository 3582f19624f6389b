// The page's side of the worker: questions in, answers out, one compiler at a time.

import type { CallName, Calls, Question, Reply } from "./protocol";

interface Waiting {
  question: Question;
  done: (reply: Reply) => void;
  failed: (why: Error) => void;
}

/** Why there is no compiler to ask. */
export class Unavailable extends Error {}

/** How long the last call took inside of the compiler, in milliseconds. */
export interface Timed<T> {
  answer: T;
  milliseconds: number;
}

export class Compiler {
  readonly #module: Promise<WebAssembly.Module>;
  #worker: Worker | undefined;
  #ready = false;
  #next = 0;
  #waiting = new Map<number, Waiting>();
  /** Called with what to tell people when the compiler stops. */
  stopped: (why: string) => void = () => {};

  constructor() {
    // The worker starts while the module is being fetched and compiled.
    this.#start();
    this.#module = module();
    this.#module.then(
      (compiled) => this.#worker?.postMessage({ module: compiled } satisfies Question),
      () => {},
    );
  }

  /** Fails where there can't be a compiler. */
  async available(): Promise<void> {
    await this.#module;
  }

  /** Asks the session. Answers come in the order of the questions. */
  async ask<C extends CallName>(call: C, argument = ""): Promise<Timed<Calls[C]["answer"]>> {
    const reply = await this.#send((id) => ({ id, call, argument }));
    if (!("answer" in reply)) {
      throw new Unavailable("the compiler gave another answer than was asked for");
    }
    return { answer: JSON.parse(reply.answer) as Calls[C]["answer"], milliseconds: reply.milliseconds };
  }

  /** The pieces of a text that have a colour: start, end and kind of each. */
  async highlight(text: string): Promise<Uint32Array> {
    const reply = await this.#send((id) => ({ id, call: "highlight", argument: text }));
    return "pieces" in reply ? reply.pieces : new Uint32Array();
  }

  async #send(question: (id: number) => Question): Promise<Reply> {
    await this.#module;
    const id = this.#next++;
    return new Promise((done, failed) => {
      const asked = question(id);
      this.#waiting.set(id, { question: asked, done, failed });
      if (this.#ready) {
        this.#worker?.postMessage(asked);
      }
    });
  }

  #start(): void {
    this.#ready = false;
    const worker = new Worker(new URL(WORKER_FILE, document.baseURI), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#hear(data);
    worker.onerror = (event) => this.#stop(event.message);
    this.#worker = worker;
  }

  #hear(reply: Reply): void {
    if ("ready" in reply) {
      this.#ready = true;
      for (const { question } of this.#waiting.values()) {
        this.#worker?.postMessage(question);
      }
    } else if ("stopped" in reply) {
      this.#stop(reply.stopped);
    } else {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      waiting?.done(reply);
    }
  }

  /** A trap is the end of a worker. What was being asked is not asked again: it would only trap again. */
  #stop(why: string): void {
    this.#worker?.terminate();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#start();
    this.#module.then(
      (compiled) => this.#worker?.postMessage({ module: compiled } satisfies Question),
      () => {},
    );
    for (const { failed } of waiting) {
      failed(new Unavailable(why));
    }
    this.stopped(why);
  }
}

async function module(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || typeof WebAssembly.compile !== "function") {
    throw new Unavailable("this browser has no WebAssembly, or it is switched off");
  }
  const response = await fetch(new URL(WASM_FILE, document.baseURI));
  if (!response.ok) {
    throw new Unavailable(`the compiler could not be loaded: ${response.status} ${response.statusText}`);
  }
  const streams = response.headers.get("content-type")?.startsWith("application/wasm") === true;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
