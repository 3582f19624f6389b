// The extension: the language server's client, its commands, and tasks.

import { type ExtensionContext, type LogOutputChannel, commands, window, workspace } from "vscode";

import { showReachable } from "./reachable";
import { Server } from "./server";
import { CheckTasks, runCheck } from "./tasks";

let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const output: LogOutputChannel = window.createOutputChannel("fleetnet", { log: true });
  const own = (server = new Server(output));
  context.subscriptions.push(
    output,
    commands.registerCommand("fleetnet.restart", () => own.restart()),
    commands.registerCommand("fleetnet.showOutput", () => output.show()),
    commands.registerCommand("fleetnet.check", runCheck),
    // What lenses do; it needs to know which, so no menu has it.
    commands.registerCommand("fleetnet.showReachable", (subject: unknown) => showReachable(own.client, subject)),
    CheckTasks.register(),
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("fleetnet.path")) {
        await own.restart();
      }
    }),
  );
  context.subscriptions.push(workspace.onDidGrantWorkspaceTrust(() => own.start()));
  await own.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
