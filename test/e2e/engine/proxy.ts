import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";

/**
 * Serves HTTP to the outside on a unix socket, so that an engine in a network namespace of its
 * own can reach package mirrors and registries without any change to the host's network.
 */
export function startProxy(socketPath: string): Promise<Server> {
  const server = createServer(forward);
  server.on("connect", (asked: IncomingMessage, client: Socket, head: Buffer) => {
    const target = new URL(`tcp://${asked.url ?? ""}`);
    const remote = connect(Number(target.port || "443"), target.hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      remote.write(head);
      remote.pipe(client).pipe(remote);
    });
    remote.on("error", () => client.destroy());
    client.on("error", () => remote.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, () => resolve(server.unref()));
  });
}

function forward(asked: IncomingMessage, answer: ServerResponse): void {
  const { "proxy-connection": _, ...headers } = asked.headers;
  const onward = request(asked.url ?? "", { method: asked.method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  onward.on("error", (error) => {
    if (!answer.headersSent) answer.writeHead(502);
    answer.end(error.message);
  });
  asked.pipe(onward);
}
