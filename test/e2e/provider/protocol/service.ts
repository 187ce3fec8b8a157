import { join } from "node:path";
import { type ServerUnaryCall, type sendUnaryData, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import type * as message from "./messages.js";

/** What a provider answers to Terraform. */
export interface ProviderService {
  GetSchema(): Promise<message.SchemaResponse>;
  PrepareProviderConfig(request: message.ConfigRequest): Promise<message.PreparedConfigResponse>;
  ValidateResourceTypeConfig(request: message.ResourceConfigRequest): Promise<message.Diagnosed>;
  UpgradeResourceState(request: message.UpgradeRequest): Promise<message.UpgradeResponse>;
  Configure(request: message.ConfigRequest): Promise<message.Diagnosed>;
  ReadResource(request: message.ReadRequest): Promise<message.ReadResponse>;
  PlanResourceChange(request: message.PlanRequest): Promise<message.PlanResponse>;
  ApplyResourceChange(request: message.ApplyRequest): Promise<message.ApplyResponse>;
  Stop(): Promise<object>;
}

/** The service of plugin protocol 5, as gRPC wants it. */
export function serviceDefinition(): ServiceDefinition {
  const loaded = loadSync(join(__dirname, "tfplugin5.proto"), { keepCase: true, longs: Number, enums: String });
  const service = loaded["tfplugin5.Provider"];
  if (service === undefined || "format" in service) throw new Error("tfplugin5.proto has no service Provider");
  return service;
}

/** The same service's methods as gRPC calls them. */
export function implementation(service: ProviderService): UntypedServiceImplementation {
  return {
    GetSchema: unary(() => service.GetSchema()),
    PrepareProviderConfig: unary((request: message.ConfigRequest) => service.PrepareProviderConfig(request)),
    ValidateResourceTypeConfig: unary((request: message.ResourceConfigRequest) =>
      service.ValidateResourceTypeConfig(request),
    ),
    UpgradeResourceState: unary((request: message.UpgradeRequest) => service.UpgradeResourceState(request)),
    Configure: unary((request: message.ConfigRequest) => service.Configure(request)),
    ReadResource: unary((request: message.ReadRequest) => service.ReadResource(request)),
    PlanResourceChange: unary((request: message.PlanRequest) => service.PlanResourceChange(request)),
    ApplyResourceChange: unary((request: message.ApplyRequest) => service.ApplyResourceChange(request)),
    Stop: unary(() => service.Stop()),
  };
}

function unary<Request, Response>(answer: (request: Request) => Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    answer(call.request).then(
      (response) => done(null, response),
      (error: unknown) =>
        done({ code: status.INTERNAL, details: error instanceof Error ? (error.stack ?? "") : String(error) }),
    );
  };
}
