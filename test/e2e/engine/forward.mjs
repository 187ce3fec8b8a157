// forward.mjs PORT SOCKET: hands TCP connections to a unix socket; runs inside the engine's namespace.
import { connect, createServer } from "node:net";

const [port, path] = process.argv.slice(2);
createServer((client) => {
  const onward = connect(path);
  client.on("error", () => onward.destroy());
  onward.on("error", () => client.destroy());
  client.pipe(onward).pipe(client);
}).listen(Number(port));
