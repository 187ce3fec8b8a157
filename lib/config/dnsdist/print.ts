import { InternalError } from "../../core/errors.js";
import { markedExtra } from "../extra.js";
import { refuseListenerCall } from "./listener-call.js";
import { luaString, luaText } from "./lua-text.js";
import {
  type DnsdistJudge,
  type DnsdistListeners,
  type DnsdistPolicy,
  type DnsdistServer,
  type DnsdistVerdict,
  type LuaValue,
  list,
  record,
  refuseServerOptions,
} from "./model.js";

/** The lines of dnsdist.conf before and after its calls; the key file's name stands between the first two. */
export const LISTENERS_FRAME = [
  `-- Listeners of dnsdist. A change here needs a restart; servers, pools and rules are in policy.lua.
local release = os.getenv("DNSLB_RELEASE") or "."
local keyFile = `,
  `

local file = io.open(keyFile)
local key = file and file:read("*l")
if file then file:close() end
if not key then
  if not inConfigCheck() then error("cannot read the console's key from " .. keyFile) end
  -- A candidate may be checked where no key is: this one opens nothing.
  key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
end
setKey(key)

-- As many listeners as the node may use processors, which the agent counts at each start. They share what comes, and the
-- limit of connections.
local processors = tonumber(os.getenv("DNSLB_PROCESSORS")) or 1
local function addLocals(address, options)
  local limit = options and options.maxConcurrentTCPConnections
  if limit then options.maxConcurrentTCPConnections = math.ceil(limit / processors) end
  for _ = 1, processors do addLocal(address, options) end
end

`,
  `
-- dnsdist's own client reads this file too, for the key and the socket.
if inClientStartup() then return end

dofile(release .. "/dnsdist/runtime.lua")
dnslb.start(release)
`,
] as const;

/** Prints dnsdist.conf, which loads runtime.lua and policy.lua of the release that `DNSLB_RELEASE` names. */
export function printDnsdistListeners(listeners: DnsdistListeners): string {
  const [head, middle, tail] = LISTENERS_FRAME;
  const { keyFile, calls, extra = [] } = listeners;
  const refusal = [...calls, ...extra].map(refuseListenerCall).find((problem) => problem !== undefined);
  if (refusal !== undefined) throw new InternalError(`dnsdist's ${refusal}`);
  const lines = [...calls.map(luaText), ...markedExtra(extra.map(luaText), "--")].map((line) => `${line}\n`);
  return `${head}${luaString(keyFile)}${middle}${lines.join("")}${tail}`;
}

/** Prints policy.lua, which is data for runtime.lua. */
export function printDnsdistPolicy(policy: DnsdistPolicy): string {
  // Item by item, because there are thousands of servers: the value of one is garbage before the next is made.
  const section = <T>(name: string, items: readonly T[], asValue: (item: T) => LuaValue) =>
    `  ${name} = {\n${items.map((item) => `    ${luaText(asValue(item))},\n`).join("")}  },\n`;
  return [
    "-- Servers, pools and rules of dnsdist; runtime.lua applies them.\nreturn {\n",
    section("servers", policy.servers, serverValue),
    section("pools", policy.pools, ({ name, policy: way, cache, judge }) =>
      record({
        ...{ name, policy: way },
        ...(cache ? { cache: record({ ...cache }) } : {}),
        ...(judge ? { judge: judgeValue(judge) } : {}),
      }),
    ),
    section("rules", policy.rules, ({ name, rule, action }) => record({ name, rule, action })),
    "}\n",
  ].join("");
}

function judgeValue(judge: DnsdistJudge): LuaValue {
  if ("connect" in judge) return record({ connect: true });
  if ("verdicts" in judge) return record({ verdicts: judge.verdicts });
  const { query, randomLabel, rcodes, answer, authoritative, value } = judge;
  return record({
    query,
    ...(randomLabel === undefined ? {} : { randomLabel }),
    rcodes: list(...rcodes),
    answer,
    authoritative,
    ...(value === undefined ? {} : { value }),
  });
}

function serverValue({ id, pools, verdict, options }: DnsdistServer): LuaValue {
  const fields: Record<string, LuaValue> = {};
  for (const [key, value] of Object.entries(options)) if (value !== undefined) fields[key] = value;
  const [refusal] = refuseServerOptions(fields);
  if (refusal !== undefined) throw new InternalError(`dnsdist's server ${id} ${refusal}`);
  return record({
    id,
    pools: list(...pools),
    ...(verdict === undefined ? {} : { verdict: verdictValue(verdict) }),
    options: record(fields),
  });
}

function verdictValue({ of, asked }: DnsdistVerdict): LuaValue {
  return record({ of, ...(asked === undefined ? {} : { asked }) });
}
