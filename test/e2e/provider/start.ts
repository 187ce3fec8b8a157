import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { makeTemporary, removeTemporary } from "../temporary.js";
import { dockerProvider } from "./docker/provider.js";
import { implementation, serviceDefinition } from "./protocol/service.js";
import { ProviderInstance } from "./sdk/instance.js";

/** A stand-in for the Docker provider that Terraform can attach to. */
export interface RunningProvider {
  /** The environment in which Terraform uses it instead of one from a registry. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  stop(): void;
}

/**
 * Starts the stand-in, for which relative paths begin at a directory: where Terraform runs. Terraform opens one connection for each provider instance that it would
 * start as a process, so each connection gets an instance of its own.
 */
export async function startProvider(workingDirectory = process.cwd()): Promise<RunningProvider> {
  const directory = makeTemporary("provider");
  const path = join(directory, "socket");
  const definition = serviceDefinition();
  const servers = new Map<Socket, Server>();
  const listener = createServer((socket) => {
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    const instance = new ProviderInstance(dockerProvider(workingDirectory));
    server.addService(definition, implementation(instance));
    server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
    servers.set(socket, server);
    socket.once("close", () => {
      server.forceShutdown();
      servers.delete(socket);
      instance.close();
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(path, resolve);
  });
  const reattach = {
    Protocol: "grpc",
    ProtocolVersion: 5,
    Pid: process.pid,
    Test: true,
    Addr: { Network: "unix", String: path },
  };
  return {
    environment: {
      TF_REATTACH_PROVIDERS: JSON.stringify({ "kreuzwerker/docker": reattach }),
      TF_CLI_CONFIG_FILE: undefined,
      CHECKPOINT_DISABLE: "1",
    },
    stop: () => {
      listener.close();
      for (const [socket, server] of servers) {
        server.forceShutdown();
        socket.destroy();
      }
      removeTemporary(directory);
    },
  };
}
