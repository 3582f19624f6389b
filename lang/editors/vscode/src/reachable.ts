// Who can reach what a lens stands above, and whom it reaches, as a list that leads there.

import { type QuickPickItem, QuickPickItemKind, Range, Uri, window, workspace } from "vscode";
import { ExecuteCommandRequest, type LanguageClient, type Location } from "vscode-languageclient/node";

/** What the lens says it is about; the server understands it. */
type Subject = unknown;

/** The other end of flows that pass. */
interface Partner {
  name: string;
  ports: string[];
  location?: Location;
}

interface Reachable {
  name: string;
  by: Partner[];
  reaches: Partner[];
}

interface Item extends QuickPickItem {
  location?: Location;
}

/** The server's command that answers. */
const COMMAND = "fleetnet.reachable";

export async function showReachable(client: LanguageClient | undefined, subject: Subject): Promise<void> {
  const answer: Reachable | null | undefined = await client?.sendRequest(ExecuteCommandRequest.type, {
    command: COMMAND,
    arguments: [subject],
  });
  if (!answer) {
    void window.showInformationMessage("Nothing is known of it while the package has errors.");
    return;
  }
  const { name, by, reaches } = answer;
  const items = [...group(`reach ${name}`, by), ...group(`are reached by ${name}`, reaches)];
  const chosen = await window.showQuickPick(items, { title: `Who reaches ${name}, and whom it reaches`, matchOnDetail: true });
  if (chosen?.location !== undefined) {
    await open(chosen.location);
  }
}

function group(label: string, partners: Partner[]): Item[] {
  const head = { label: `${partners.length === 0 ? "none " : ""}${label}`, kind: QuickPickItemKind.Separator };
  return [head, ...partners.map(item)];
}

function item({ name, ports, location }: Partner): Item {
  return { label: name, description: ports.join(", "), ...(location !== undefined && { location }) };
}

async function open({ uri, range: { start, end } }: Location): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(uri));
  await window.showTextDocument(document, { selection: new Range(start.line, start.character, end.line, end.character) });
}
