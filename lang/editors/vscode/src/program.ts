// Which program is run.

import { homedir } from "node:os";
import { join } from "node:path";

import { type WorkspaceFolder, workspace } from "vscode";

/** The program as the settings have it. */
export function program(folder?: WorkspaceFolder): string {
  const path = workspace.getConfiguration("fleetnet", folder).get("path", "fleetnet").trim();
  const root = (folder ?? workspace.workspaceFolders?.[0])?.uri.fsPath ?? "";
  const at = path.replace("${workspaceFolder}", root);
  return at.startsWith("~/") ? join(homedir(), at.slice(2)) : at === "" ? "fleetnet" : at;
}

/** What the language server is told of the settings. */
export function settings(): { fleetnet: { set: Record<string, string> } } {
  return { fleetnet: { set: workspace.getConfiguration("fleetnet").get<Record<string, string>>("set", {}) } };
}

/** `--set NAME=VALUE` for each value that the settings give a parameter. */
export function parameters(folder?: WorkspaceFolder): string[] {
  const values = workspace.getConfiguration("fleetnet", folder).get<Record<string, string>>("set", {});
  return Object.entries(values).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
}
