// One language server, for all folders of the window: it finds the package of each file itself.

import { type LogOutputChannel, type SemanticTokens, commands, window, workspace } from "vscode";
import { LanguageClient, type LanguageClientOptions, RevealOutputChannelOn, type ServerOptions } from "vscode-languageclient/node";

import { program, settings } from "./program";
import { withoutCel } from "./tokens";

export class Server {
  readonly #output: LogOutputChannel;
  #client: LanguageClient | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(output: LogOutputChannel) {
    this.#output = output;
  }

  /** The client, while there is one. */
  get client(): LanguageClient | undefined {
    return this.#client;
  }

  /** Starts the server, where the user trusts what the workspace says about the program. */
  async start(): Promise<void> {
    return this.#then(() => this.#start());
  }

  async stop(): Promise<void> {
    return this.#then(() => this.#stop());
  }

  async restart(): Promise<void> {
    return this.#then(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  /** One after the other: a client that is starting can't be stopped. */
  async #then(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step);
    return this.#last;
  }

  async #start(): Promise<void> {
    if (!workspace.isTrusted || this.#client !== undefined) {
      return;
    }
    const command = program();
    const server: ServerOptions = { command, args: ["lsp"] };
    const client = new LanguageClient("fleetnet", "fleetnet", server, this.#options());
    this.#client = client;
    try {
      await client.start();
    } catch (problem) {
      // A client that never ran has nothing to stop.
      this.#client = undefined;
      this.#output.error(`\`${command} lsp\` can't be started: ${String(problem)}`);
      offer(command, this.#output);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (problem) {
      this.#output.warn(`the language server did not end as it should: ${String(problem)}`);
    }
  }

  #options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file", language: "fleetnet" }, { scheme: "untitled", language: "fleetnet" }],
      outputChannel: this.#output,
      initializationOptions: settings(),
      // What is set there counts at once.
      synchronize: { configurationSection: "fleetnet" },
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: {
        provideDocumentSemanticTokens: async (document, token, next) => {
          const tokens = await next(document, token);
          const legend = this.#client?.initializeResult?.capabilities.semanticTokensProvider?.legend.tokenTypes;
          return tokens && legend ? withoutCel(tokens as SemanticTokens, legend) : tokens;
        },
      },
    };
  }
}

/** Says what to do where there is no such program. */
function offer(command: string, output: LogOutputChannel): void {
  const settings = "Open Settings";
  const show = "Show Output";
  const message = `The language server \`${command} lsp\` does not start: is fleetnet installed, and on the PATH?`;
  // Nobody has to answer, so nothing waits for it.
  void window.showErrorMessage(message, settings, show).then(async (chosen) => {
    if (chosen === settings) {
      await commands.executeCommand("workbench.action.openSettings", "fleetnet.path");
    } else if (chosen === show) {
      output.show();
    }
  });
}
