import { DNS_PORT } from "../../../lib/model/dns-listener.js";
import type { LabServer } from "../../../lib/testing/index.js";
import type { Subject } from "./subject.js";

/** One of the servers, asked without anything between. */
export function straight(server: LabServer): Subject {
  return { name: "straight", title: "straight to one server", address: server.address, port: DNS_PORT };
}
