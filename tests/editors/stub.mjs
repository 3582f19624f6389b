// An editor without a window: `vscode` as the bundle of the extension asks for it, which keeps what the extension does with it.

import { Module, createRequire } from "node:module";

/** @typedef {{ kind: string, text: string, choices: string[] }} Message */
/** @typedef {{ trusted: boolean, settings: Record<string, unknown>, choice?: string }} Setting */

/**
 * Anything: it can be called, made and asked for more of it.
 * @param {Record<string, unknown>} known
 * @returns {any}
 */
function anything(known = {}) {
  /** @type {Map<string | symbol, unknown>} */
  const more = new Map(Object.entries(known));
  const target = class {};
  /** @type {any} */
  const proxy = new Proxy(target, {
    get: (_, name) => {
      // It is none that is waited for, and nothing that is counted or shown.
      if (name === "then" || typeof name === "symbol") {
        return undefined;
      }
      if (name === "prototype") {
        return target.prototype;
      }
      if (!more.has(name)) {
        more.set(name, anything());
      }
      return more.get(name);
    },
    set: (_, name, value) => {
      more.set(name, value);
      return true;
    },
    apply: () => anything(),
    // What a class of the extension's extends is a class.
    construct: (_, args, made) => (made === proxy ? anything() : Reflect.construct(target, args, made)),
  });
  return proxy;
}

/** As the editor's. */
class EventEmitter {
  /** @type {Set<(event: unknown) => void>} */
  #listeners = new Set();
  event = (/** @type {(event: unknown) => void} */ listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(/** @type {unknown} */ event) {
    this.#listeners.forEach((listener) => listener(event));
  }
  dispose() {
    this.#listeners.clear();
  }
}

/** Loads the bundle at a path into an editor of its own. */
export function load(/** @type {string} */ bundle, /** @type {Setting} */ setting) {
  /** @type {Message[]} */
  const messages = [];
  /** @type {unknown[][]} */
  const executed = [];
  /** @type {string[]} */
  const output = [];
  /** @type {Map<string, (...args: unknown[]) => unknown>} */
  const commands = new Map();
  /** @type {(() => Promise<void>)[]} */
  const granted = [];
  const disposable = { dispose: () => {} };
  const show = (/** @type {string} */ kind) => async (/** @type {string} */ text, /** @type {string[]} */ ...choices) => {
    messages.push({ kind, text, choices });
    return choices.find((choice) => choice === setting.choice);
  };
  const told = (/** @type {string} */ text) => void output.push(text);
  const channel = anything({ trace: told, debug: told, info: told, warn: told, error: told, append: told, appendLine: told, show: () => executed.push(["show output"]), dispose: () => {} });
  const workspace = anything({
    isTrusted: setting.trusted,
    textDocuments: [],
    notebookDocuments: [],
    workspaceFolders: undefined,
    getConfiguration: (/** @type {string} */ section) => ({
      get: (/** @type {string} */ name, /** @type {unknown} */ otherwise) => setting.settings[`${section}.${name}`] ?? otherwise,
      inspect: () => undefined,
    }),
    onDidGrantWorkspaceTrust: (/** @type {() => Promise<void>} */ act) => {
      granted.push(act);
      return disposable;
    },
  });
  const vscode = anything({
    version: "1.91.0",
    EventEmitter,
    env: anything({ appName: "stub", language: "en" }),
    workspace,
    window: anything({
      visibleTextEditors: [],
      activeTextEditor: undefined,
      tabGroups: anything({ all: [] }),
      createOutputChannel: () => channel,
      showErrorMessage: show("error"),
      showWarningMessage: show("warning"),
      showInformationMessage: show("information"),
    }),
    commands: anything({
      registerCommand: (/** @type {string} */ name, /** @type {() => unknown} */ act) => {
        commands.set(name, act);
        return disposable;
      },
      executeCommand: async (/** @type {unknown[]} */ ...asked) => void executed.push(asked),
    }),
  });
  const extension = required(bundle, vscode);
  const context = { subscriptions: /** @type {{ dispose: () => unknown }[]} */ ([]) };
  return {
    messages,
    executed,
    output,
    commands,
    activate: () => extension.activate(context),
    deactivate: () => extension.deactivate(),
    /** The user trusts the workspace. */
    trust: async () => {
      workspace.isTrusted = true;
      await Promise.all(granted.map((act) => act()));
    },
  };
}

/** A module of its own, whose `vscode` is this one. */
function required(/** @type {string} */ path, /** @type {unknown} */ vscode) {
  const loader = /** @type {any} */ (Module);
  const original = loader._load;
  loader._load = (/** @type {string} */ name, /** @type {unknown[]} */ ...rest) => (name === "vscode" ? vscode : original(name, ...rest));
  try {
    const require = createRequire(path);
    delete require.cache[path];
    return require(path);
  } finally {
    loader._load = original;
  }
}
