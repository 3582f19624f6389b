// Tasks that check a package as `fleetnet check` does, and put what it finds among the problems.

import {
  type Disposable,
  ShellExecution,
  ShellQuoting,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  type WorkspaceFolder,
  tasks,
  window,
  workspace,
} from "vscode";

import { parameters, program } from "./program";

const TYPE = "fleetnet";

interface Definition extends TaskDefinition {
  command: "check";
  path?: string;
  arguments?: string[];
}

export class CheckTasks implements TaskProvider {
  static register(): Disposable {
    return tasks.registerTaskProvider(TYPE, new CheckTasks());
  }

  provideTasks(): Task[] {
    return (workspace.workspaceFolders ?? []).map((folder) => task({ type: TYPE, command: "check" }, folder));
  }

  resolveTask(unresolved: Task): Task | undefined {
    const folder = typeof unresolved.scope === "object" ? unresolved.scope : workspace.workspaceFolders?.[0];
    return folder && task(unresolved.definition as Definition, folder);
  }
}

/** Checks the package of the folder that the open file is in. */
export async function runCheck(): Promise<void> {
  const open = window.activeTextEditor?.document.uri;
  const folder = (open && workspace.getWorkspaceFolder(open)) ?? workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    void window.showInformationMessage("Open the folder of a package to check it.");
    return;
  }
  // A package is looked for upwards of where one is, which may be below the folder that is open.
  const path = open && workspace.getWorkspaceFolder(open) ? workspace.asRelativePath(open, false).split("/").slice(0, -1).join("/") : "";
  await tasks.executeTask(task({ type: TYPE, command: "check", ...(path !== "" && { path }) }, folder));
}

function task(definition: Definition, folder: WorkspaceFolder): Task {
  const path = definition.path === undefined ? [] : [definition.path];
  const words = ["check", "--format", "plain", "--color", "never", ...parameters(folder), ...(definition.arguments ?? []), ...path];
  const quoted = words.map((value) => ({ value, quoting: ShellQuoting.Strong }));
  const run = new ShellExecution({ value: program(folder), quoting: ShellQuoting.Strong }, quoted, { cwd: folder.uri.fsPath });
  const name = ["check", ...path].join(" ");
  const made = new Task(definition, folder, name, "fleetnet", run, "$fleetnet");
  made.group = TaskGroup.Build;
  return made;
}
