import { connect, createServer, type Server, type Socket } from "node:net";

/** What was answered: the status line, and the lines of the body. */
export interface Page {
  readonly status: string;
  readonly lines: readonly string[];
}

/** Asks for metrics at a socket, as HAProxy does. */
export async function scrape(path: string, words = "GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n"): Promise<Page> {
  const text = await exchange(path, words);
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { status: head.split("\r\n")[0] ?? "", lines: body.split("\n") };
}

function exchange(path: string, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const connection: Socket = connect(path, () => connection.write(words));
    connection.on("data", (part) => {
      text += part;
    });
    // Who is given up on may have more to say.
    connection.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(text) : reject(error),
    );
    connection.on("close", () => resolve(text));
  });
}

const COLUMNS = [
  ..."pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status".split(","),
  ..."weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate".split(","),
  ..."rate_lim,rate_max,check_status,check_code,check_duration,last_chk,dcon,dses,".split(","),
];

const row = (cells: Readonly<Record<string, string | number>>) => COLUMNS.map((name) => cells[name] ?? "").join(",");

/** A row of a server in `show stat`. */
export const serverRow = (name: string, status: string, more: Readonly<Record<string, string | number>> = {}) => {
  const [pxname = "", svname = ""] = name.split("/");
  return row({ pxname, svname, status, type: 2, chkdown: 0, last_chk: '"a, b"', ...more });
};

/** A row of a frontend in `show stat`. */
export const frontendRow = (pxname: string, more: Readonly<Record<string, string | number>>) =>
  row({ pxname, svname: "FRONTEND", status: "OPEN", type: 0, dreq: 0, dcon: 0, dses: 0, ...more });

/** The answer to `show stat` with these rows. */
export const haproxyTable = (rows: readonly string[]) => `# ${COLUMNS.join(",")}\n${rows.join("\n")}\n\n`;

/** The socket of a HAProxy that says what it is told to, or nothing. */
export class FakeRuntime {
  rows: readonly string[] = [];
  silent = false;
  private readonly connections = new Set<Socket>();
  private readonly server: Server = createServer({ allowHalfOpen: true }, (connection) => {
    this.connections.add(connection);
    let asked = "";
    connection.on("data", (part) => {
      asked += part;
    });
    connection.on("error", () => connection.destroy());
    connection.on("end", () => {
      if (this.silent) return;
      connection.end(asked.startsWith("show stat") ? haproxyTable(this.rows) : "CurrConns: 7\nMaxconn: 900\n");
    });
  });

  open(path: string): Promise<void> {
    return new Promise((resolve) => this.server.listen(path, resolve));
  }

  close(): void {
    for (const each of this.connections) each.destroy();
    this.server.close();
  }
}
