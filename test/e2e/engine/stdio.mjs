// stdio.mjs PORT: a connection to that port of this network namespace; for `ssh`, as its ProxyCommand.
import { connect } from "node:net";

const connection = connect(Number(process.argv[2]), "127.0.0.1");
connection.once("error", () => process.exit(1));
process.stdin.pipe(connection).pipe(process.stdout);
