/** A path through a node, and what was answered there. */
export interface Answered {
  readonly message: string;
  readonly servers: "unbound" | "NSD";
  readonly tcpPath: "direct" | "inspected";
  readonly transport: "udp" | "tcp" | "dot";
  /** What the server answers itself. */
  readonly own: string;
  /** What is answered through the node. */
  readonly got: string;
}

/** A difference that is there for a reason. */
export interface Difference {
  readonly reason: string;
  readonly messages: RegExp;
  /** The paths: those through dnsdist, those of an inspected frontend, those that servers see as the node's own. */
  readonly on: (answered: Answered) => boolean;
  readonly got: (answered: Answered) => boolean;
}

const throughDnsdist = ({ transport, tcpPath }: Answered) => transport === "udp" || tcpPath === "inspected";
const inspected = ({ tcpPath }: Answered) => tcpPath === "inspected";
const direct = ({ tcpPath }: Answered) => tcpPath === "direct";
/** dnsdist drops a message: silence over UDP, the end of the connection over a stream. */
const dropped = ({ got, transport }: Answered) => got === (transport === "udp" ? "timeout" : "closed");
/** The server's own answer with one word put into the flags. */
const withFlag = (own: string, flag: string) => {
  const [flags = "", ...others] = own.split(" | ");
  return [`${flags} ${flag}`, ...others].join(" | ");
};

/** What is answered otherwise through a node than by the server itself, with both releases of the daemons. */
export const DIFFERENCES: readonly Difference[] = [
  {
    reason: "transfers are refused on inspected frontends",
    messages: /^operation: [AI]XFR$/,
    on: inspected,
    got: ({ got }) => /^rcode 5 /.test(got),
  },
  {
    reason: "NOTIFY and UPDATE are refused, by dnsdist on the direct path, too, where they come first",
    messages: /^operation: (NOTIFY|UPDATE)/,
    on: () => true,
    got: ({ got }) => /^rcode 5 /.test(got),
  },
  {
    reason: "servers see the node's address, to which the lab's servers permit transfers",
    messages: /^operation: [AI]XFR$/,
    on: (answered) => direct(answered) && answered.servers === "NSD",
    got: ({ got }) => got.startsWith("rcode 0 qr aa rd | ? example.com. 25"),
  },
  {
    reason: "dnsdist gives RD and CD back as the client had set them, where NSD has cleared CD",
    messages: /^flags: .*CD/,
    on: (answered) => throughDnsdist(answered) && answered.servers === "NSD",
    got: ({ got, own }) => got === withFlag(own, "cd"),
  },
  {
    reason: "dnsdist gives CD back, so that the signature of the answer is wrong",
    messages: /^signed: CD$/,
    on: (answered) => throughDnsdist(answered) && answered.servers === "NSD",
    got: ({ got, own }) => got === withFlag(own, "cd").replace("TSIG valid", "TSIG invalid"),
  },
  {
    reason: "dnsdist gives RD back where NSD has cleared it in an error",
    messages: /^malformed: (more questions|65535 of everything|two questions|question twice)/,
    on: (answered) => throughDnsdist(answered) && answered.servers === "NSD",
    got: ({ got, own }) => got === withFlag(own, "rd"),
  },
  {
    reason: "dnsdist drops a message whose question it cannot read",
    messages:
      /^(malformed: (label|name|pointer|reserved|extended|question (without|missing))|name: of 256|stream: length too small)/,
    on: throughDnsdist,
    got: dropped,
  },
  {
    reason: "dnsdist answers NOTIMP to a message without a question",
    messages: /^malformed: header /,
    on: throughDnsdist,
    got: ({ got }) => /^rcode 4 qr rd( \| \* EDNS 0 0( 10:8)?)?$/.test(got),
  },
  {
    reason: "dnsdist reads at most 4,096 bytes of a UDP message and what an option of its own may need",
    messages: /^size: query of 5000$/,
    on: ({ transport }) => transport === "udp",
    got: dropped,
  },
];

/** The difference that explains an answer. */
export function explained(answered: Answered): Difference | undefined {
  return DIFFERENCES.find(({ messages, on, got }) => messages.test(answered.message) && on(answered) && got(answered));
}
