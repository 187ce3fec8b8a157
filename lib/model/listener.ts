import type { DnsListener } from "./dns-listener.js";
import type { DotListener } from "./dot-listener.js";
import type { PassThroughListener } from "./pass-through-listener.js";

/** One protocol on one port of all addresses of a frontend. */
export type Listener = DnsListener | DotListener | PassThroughListener;

/** The listeners of one kind, in the frontend's order. */
export function listenersOf<K extends Listener["kind"]>(
  { listeners }: { readonly listeners: readonly Listener[] },
  kind: K,
): readonly Extract<Listener, { kind: K }>[] {
  return listeners.filter((listener): listener is Extract<Listener, { kind: K }> => listener.kind === kind);
}
