-- Applies a release's policy.lua: at start at once, later through the console in phases that never block dnsdist.
--
--   dnslb.stage("/path/of/a/release")  reads its policy; new servers are made and probed, but serve nothing
--   dnslb.pending()                    counts the staged servers that are not up yet
--   dnslb.commit()                     swaps to the staged policy; answers on the way still arrive
--   dnslb.tidy()                       seconds later: drops the servers that no longer serve
--   dnslb.abort()                      drops what was staged
--
-- Every call returns a text that begins with "ok <phase> <release>" or "error <phase>": the console's exit code says
-- nothing. This file is the same in every release; what a running dnsdist has is the one it was started with.
-- `judge` is what judge.lua returns, and POLICY_TEXTS has the files of policies/ by the names of the policies. Nodes get all
-- as one file, without the comments.

dnslb = {}

-- Holds the servers that are probed but serve nothing; no rule leads here. dnsdist's default pool stays empty.
local STAGING = "dnslb:staging"

-- From this share of its places on a cache counts as full: its shards fill by chance, some before others.
local FULL = 0.9
-- Seconds between two searches for what has expired in a full cache, each through all of it, so that a large one has longer
-- pauses; and between two times that a cache is emptied.
local PURGE_PAUSE, EMPTY_PAUSE = 5, 60
local ENTRIES_PER_SECOND = 200000

-- A release: id, servers by id and in order, pools, rules as dnsdist's objects, limiters by key, the servers that pools
-- must have up by selector and by rule, the selectors that match names of servers and the parts of the rules with them, and
-- which of these rules are there, with the servers that they match.
-- A server: id, signature, options, pools, object; for the judge, the pool whose probe judges it, and the key of that.
local NOTHING = {
  id = "none", servers = {}, order = {}, pools = {}, caches = {}, rules = {}, limiters = {}, minimums = {}, minimumOf = {},
  there = "", servings = {}, servingOf = {},
}
local running = NOTHING
local staged = nil
local retired = {}
local drained = {}
-- The policy of every pool that was ever made: dnsdist can't drop a pool. And the caches of pools.
local poolPolicies, poolCaches = {}, {}

-- The words that policy.lua may use besides those made in vocabulary(). Nothing else is in its reach.
local WORDS = {
  "AllRule", "AndRule", "OrRule", "NotRule", "NetmaskGroupRule", "DSTPortRule", "QNameRule", "QNameLabelsCountRule",
  "SuffixMatchNodeRule", "QTypeRule", "QClassRule", "OpcodeRule", "RDRule", "DNSSECRule", "EDNSOptionRule", "TagRule",
  "TCPRule", "MaxQPSRule", "MaxQPSIPRule", "RecordsTypeCountRule",
  "AllowAction", "DropAction", "LogAction", "NoneAction", "RCodeAction", "SetExtendedDNSErrorAction", "SetNoRecurseAction",
  "SetSkipCacheAction", "SetTagAction", "SpoofAction", "SpoofRawAction", "TCAction",
  "DNSRCode", "DNSOpcode", "DNSClass", "DNSQType",
}

-- Policies in threads' own Lua states: no lock is shared with the console. The names are unique by pool, because a thread
-- keeps one function, with what it counts, by name.
local function perThread(name)
  return function(pool) setPoolServerPolicyLuaFFIPerThread(name .. "/" .. pool, POLICY_TEXTS[name], pool) end
end

local POLICIES = {
  leastOutstanding = perThread("leastOutstanding"),
  wrandom = function(pool) setPoolServerPolicy(wrandom, pool) end,
  roundRobin = perThread("roundRobin"),
  sourceHash = perThread("sourceHash"),
  firstAvailable = function(pool) setPoolServerPolicy(firstAvailable, pool) end,
  sendAnyway = perThread("sendAnyway"),
}

-- Options in one spelling, to tell whether a server is still the same.
local function signatureOf(options)
  local parts = {}
  for key, value in pairs(options) do
    parts[#parts + 1] = string.format("%s=%s:%q", key, type(value), tostring(value))
  end
  table.sort(parts)
  return table.concat(parts, ",")
end

-- Paths are relative to the folder of the release.
local function pathIn(directory, path)
  return path:sub(1, 1) == "/" and path or directory .. "/" .. path
end

-- What a server is made of: dnsdist reads the authorities once, and their file may have changed under the same name.
local function identityOf(options, directory)
  local signature = signatureOf(options)
  local store = options.caStore
  -- That of the system is large, and not ours.
  local file = store and store:sub(1, 1) ~= "/" and io.open(pathIn(directory, store), "rb")
  if not file then return signature end
  signature = signature .. "," .. file:read("*a")
  file:close()
  return signature
end

-- Values in one spelling, nested tables included.
local function spelled(value)
  if type(value) ~= "table" then return string.format("%s:%q", type(value), tostring(value)) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = tostring(key) .. "=" .. spelled(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The packet cache of a pool: while its settings stay, it is the same from release to release, with what it holds. Answers
-- that have expired get the TTL that RFC 8767, section 4, recommends. dnsdist divides the places among shards, of which small
-- ones would be full long before the cache is.
local function cacheFor(release, given)
  local text = spelled(given)
  local known = release.caches[given.name]
  if known and known.spelled ~= text then error("cache " .. given.name .. " has two settings", 0) end
  known = known or running.caches[given.name]
  if not known or known.spelled ~= text then
    known = {
      spelled = text,
      entries = given.entries,
      stale = given.stale,
      purged = -math.huge,
      emptied = -math.huge,
      object = newPacketCache(given.entries, {
        maxTTL = given.maximumTtl, minTTL = given.minimumTtl, maxNegativeTTL = math.min(given.maximumTtl, 3600),
        temporaryFailureTTL = 1, staleTTL = 30, keepStaleData = given.stale, cookieHashing = true, parseECS = true,
        numberOfShards = math.max(1, math.min(20, math.floor(given.entries / 1000))),
      }),
    }
  end
  release.caches[given.name] = known
  return known.object
end

-- What policy.lua can name. Pools that it mentions and limiters that it uses are noted in the release.
local function vocabulary(release)
  local words = {}
  for _, name in ipairs(WORDS) do words[name] = _G[name] end

  function words.netmasks(networks)
    local group = newNMG()
    for _, network in ipairs(networks) do group:addMask(network) end
    return group
  end

  function words.suffixes(names)
    local node = newSuffixMatchNode()
    for _, name in ipairs(names) do node:add(newDNSName(name)) end
    return node
  end

  -- A limiter counts: while its name and arguments stay, it is the same object from release to release.
  function words.limiter(name, constructor, ...)
    local kind = constructor == MaxQPSIPRule and "MaxQPSIPRule" or constructor == MaxQPSRule and "MaxQPSRule"
    if not kind then error("limiter " .. name .. " is made of something else than MaxQPSIPRule or MaxQPSRule", 0) end
    local parts = { name, kind }
    for index = 1, select("#", ...) do parts[#parts + 1] = tostring((select(index, ...))) end
    local key = table.concat(parts, "\0")
    local rule = release.limiters[key] or running.limiters[key] or constructor(...)
    release.limiters[key] = rule
    return rule
  end

  function words.whileUp(pool, servers, selector)
    release.mentions[pool] = true
    release.minimums[selector] = { pool = pool, servers = servers }
    return selector
  end

  function words.serving(selector)
    local placed = AndRule({ selector, SuffixMatchNodeRule(newSuffixMatchNode()) })
    release.servings[placed] = selector
    return placed
  end

  function words.PoolAction(pool)
    release.mentions[pool] = true
    return PoolAction(pool)
  end

  function words.PoolAvailableRule(pool)
    release.mentions[pool] = true
    return PoolAvailableRule(pool)
  end

  return words
end

-- Reads and checks a release's policy. Makes rules, but no servers: nothing of it is seen outside.
local function read(directory)
  local release = {
    id = directory:match("([^/]+)/*$") or directory,
    directory = directory,
    servers = {}, order = {}, pools = {}, caches = {}, rules = {}, limiters = {}, mentions = {},
    minimums = {}, minimumOf = {}, there = "", servings = {}, servingOf = {},
  }
  local words = vocabulary(release)
  local chunk, problem = loadfile(directory .. "/dnsdist/policy.lua", "t", words)
  if not chunk then error(problem, 0) end
  if setfenv then setfenv(chunk, words) end
  local policy = chunk()

  local known = {}
  for _, pool in ipairs(policy.pools) do
    if known[pool.name] then error("pool " .. pool.name .. " is there twice", 0) end
    if not POLICIES[pool.policy] then error("pool " .. pool.name .. " has no known policy", 0) end
    known[pool.name] = pool
    pool.spelled = pool.judge and spelled(pool.judge)
    pool.store = pool.cache and cacheFor(release, pool.cache)
    release.pools[#release.pools + 1] = pool
  end

  local names = {}
  for _, given in ipairs(policy.servers) do
    if release.servers[given.id] then error("server " .. given.id .. " is there twice", 0) end
    -- Servers that dnsdist refuses are found by their names.
    local name = given.options.name or given.id
    if names[name] then error("servers " .. names[name] .. " and " .. given.id .. " have one name", 0) end
    names[name] = given.id
    for _, pool in ipairs(given.pools) do release.mentions[pool] = true end
    local server = {
      id = given.id,
      options = given.options,
      signature = identityOf(given.options, directory),
      pools = #given.pools > 0 and given.pools or { STAGING },
      verdict = given.verdict,
    }
    for _, pool in ipairs(given.pools) do
      -- The judge speaks no TLS.
      local found = known[pool]
      if found and found.judge and not server.judged and (not given.options.tls or found.judge.verdicts) then
        local options = given.options
        server.judged = found
        server.key = table.concat({
          server.id, options.address, found.spelled, tostring(options.checkTCP), tostring(options.useProxyProtocol),
          tostring(options.checkInterval), tostring(options.checkTimeout), tostring(options.maxCheckFailures),
          tostring(options.rise),
        }, "\0")
      end
    end
    release.servers[server.id] = server
    release.order[#release.order + 1] = server
  end
  for pool in pairs(release.mentions) do
    if not known[pool] then error("pool " .. pool .. " is not among the pools", 0) end
  end

  for index, rule in ipairs(policy.rules) do
    release.rules[index] = newRuleAction(rule.rule, rule.action, { name = rule.name })
    release.minimumOf[index] = release.minimums[rule.rule]
    release.minimums[rule.rule] = nil
    if release.servings[rule.rule] then
      release.servingOf[index] = { selector = release.servings[rule.rule], action = rule.action, name = rule.name }
      release.servings[rule.rule] = nil
    end
  end
  if next(release.servings) then error("serving stands inside of a selector", 0) end
  if next(release.minimums) then error("whileUp stands inside of a selector", 0) end
  return release
end

-- Makes those rules anew that match names of servers, if others serve now. Returns a text that says which do.
local function updateServing(release)
  if not next(release.servingOf) then return "" end
  local bits, names = {}, {}
  for _, server in ipairs(release.order) do
    local asked = server.verdict and server.verdict.asked
    if asked then
      local serves = judge.serves(server, drained[server.id])
      bits[#bits + 1] = serves and "1" or "0"
      if serves then names[#names + 1] = asked end
    end
  end
  local text = table.concat(bits)
  if release.serves ~= text then
    for index, part in pairs(release.servingOf) do
      local node = newSuffixMatchNode()
      for _, name in ipairs(names) do node:add(newDNSName(name)) end
      release.rules[index] = newRuleAction(AndRule({ part.selector, SuffixMatchNodeRule(node) }), part.action, { name = part.name })
    end
    release.serves = text
  end
  return text .. " "
end

-- The rules that are there now, and a text that says which of those with a minimum are; then the pools that lack servers.
local function rulesNow(release)
  local serving = updateServing(release)
  if not next(release.minimumOf) then return release.rules, serving, {} end
  local up = {}
  for _, server in ipairs(release.order) do
    if server.object:isUp() then
      for _, pool in ipairs(server.pools) do up[pool] = (up[pool] or 0) + 1 end
    end
  end
  local rules, there, lacking = {}, {}, {}
  for index, rule in ipairs(release.rules) do
    local minimum = release.minimumOf[index]
    local enough = not minimum or (up[minimum.pool] or 0) >= minimum.servers
    if enough then rules[#rules + 1] = rule else lacking[minimum.pool] = minimum.servers end
    if minimum then there[#there + 1] = enough and "1" or "0" end
  end
  return rules, serving .. table.concat(there), lacking
end

-- Takes rules away whose pools have too few servers, and brings them back.
local function updateRules()
  local rules, there, lacking = rulesNow(running)
  if there == running.there then return end
  setRules(rules)
  for pool, servers in pairs(lacking) do
    if not running.lacking[pool] then errlog("pool " .. pool .. " has less than " .. servers .. " servers up: too few") end
  end
  for pool in pairs(running.lacking) do
    if not lacking[pool] then errlog("pool " .. pool .. " has enough servers up again") end
  end
  running.there, running.lacking = there, lacking
end

-- Makes dnsdist's object of a server, in the pool that serves nothing.
local function create(server, directory)
  local options = {}
  for key, value in pairs(server.options) do options[key] = value end
  options.pool = STAGING
  if options.caStore then options.caStore = pathIn(directory, options.caStore) end
  options.name = options.name or server.id
  server.name = options.name
  server.object = newServer(options)
end

local function serverNames()
  local count = {}
  for _, object in ipairs(getServers()) do
    local name = object:getName()
    count[name] = (count[name] or 0) + 1
  end
  return count
end

-- Divides servers by whether dnsdist has them. What dnsdist 1.7 returns for a server that it refuses looks like a server,
-- and any method of it ends the process.
local function divide(servers, before)
  local after = serverNames()
  local made, refused = {}, {}
  for _, server in ipairs(servers) do
    local there = server.object and (after[server.name] or 0) > (before[server.name] or 0)
    local group = there and made or refused
    group[#group + 1] = server
  end
  return made, refused
end

local function discard(servers)
  for _, server in ipairs(servers) do pcall(rmServer, server.object) end
end

-- Frees what no release refers to any more. Servers hold megabytes each that Lua does not see, so it would not collect
-- them for long; and the machine code that LuaJIT made while they were staged and swapped refers to them, too.
local function collect()
  if jit then jit.flush() end
  collectgarbage()
  collectgarbage()
end

local function judgeAll()
  judge.watch(running.order, staged and staged.added or {})
end

local function stage(directory)
  if staged then
    discard(staged.added)
    staged = nil
  end
  judgeAll()
  local release = read(directory)
  release.added, release.removed, release.kept = {}, {}, {}
  local before = serverNames()
  local ok, problem = pcall(function()
    for _, server in ipairs(release.order) do
      local old = running.servers[server.id]
      if old and old.signature == server.signature then
        server.object, server.held, server.raised, server.wasUp = old.object, old.held, old.raised, old.wasUp
        server.options = old.options
        release.kept[#release.kept + 1] = server
      else
        release.added[#release.added + 1] = server
        create(server, directory)
      end
    end
  end)
  local made, refused = divide(release.added, before)
  if not ok or #refused > 0 then
    discard(made)
    local first = refused[1]
    error(ok and "dnsdist refuses server " .. first.id .. " at " .. tostring(first.options.address) or problem, 0)
  end
  for _, old in ipairs(running.order) do
    local server = release.servers[old.id]
    if not server or server.object ~= old.object then release.removed[#release.removed + 1] = old end
  end
  staged = release
  judgeAll()
end

local function lacks(pools, name)
  for _, pool in ipairs(pools) do
    if pool == name then return false end
  end
  return true
end

local function setCache(pool, cache)
  if cache then getPool(pool):setCache(cache) else getPool(pool):unsetCache() end
  poolCaches[pool] = cache
end

-- The swap. Pools first get their new servers, then the rules change all at once, then the old servers leave:
-- at no time does a pool that had a server have none. Each step notes how to take it back.
local function swap(undo)
  local release = staged
  local function did(step) undo[#undo + 1] = step end
  local function enter(server, pool)
    server.object:addPool(pool)
    did(function() server.object:rmPool(pool) end)
  end
  local function leave(server, pool)
    server.object:rmPool(pool)
    did(function() server.object:addPool(pool) end)
  end
  local function before(server)
    local old = running.servers[server.id]
    return old and old.object == server.object and old.pools or { STAGING }
  end

  for _, pool in ipairs(release.pools) do
    local old = poolPolicies[pool.name]
    -- Touched only if it differs: dnsdist writes a pool's policy unguarded.
    if old ~= pool.policy then
      getPool(pool.name)
      POLICIES[pool.policy](pool.name)
      poolPolicies[pool.name] = pool.policy
      did(function()
        if old then POLICIES[old](pool.name) end
        poolPolicies[pool.name] = old
      end)
    end
  end
  for _, pool in ipairs(release.pools) do
    local old = poolCaches[pool.name]
    if old ~= pool.store then
      setCache(pool.name, pool.store)
      did(function() setCache(pool.name, old) end)
    end
  end
  for _, server in ipairs(release.kept) do
    local old = running.servers[server.id]
    server.held, server.raised, server.wasUp = old.held, old.raised, old.wasUp
  end
  for _, server in ipairs(release.added) do
    if drained[server.id] then server.object:setDown() end
  end
  -- The last verdicts hold for the new servers, before they serve.
  pcall(judge.enforce, release.order, drained)
  for _, server in ipairs(release.order) do
    for _, pool in ipairs(server.pools) do
      if lacks(before(server), pool) then enter(server, pool) end
    end
  end
  local previous = rulesNow(running)
  local rules
  rules, release.there, release.lacking = rulesNow(release)
  setRules(rules)
  did(function() setRules(previous) end)
  local there = {}
  for _, pool in ipairs(release.pools) do there[pool.name] = true end
  for name, old in pairs(poolCaches) do
    if not there[name] then
      setCache(name, nil)
      did(function() setCache(name, old) end)
    end
  end
  for _, server in ipairs(release.order) do
    for _, pool in ipairs(before(server)) do
      if lacks(server.pools, pool) then leave(server, pool) end
    end
  end
  for _, server in ipairs(release.removed) do
    for _, pool in ipairs(server.pools) do leave(server, pool) end
  end
end

local function commit()
  if not staged then error("nothing is staged", 0) end
  local undo = {}
  local ok, problem = pcall(swap, undo)
  if not ok then
    for index = #undo, 1, -1 do pcall(undo[index]) end
    error(problem, 0)
  end
  for _, server in ipairs(staged.removed) do retired[#retired + 1] = server end
  running, staged = staged, nil
  -- They would keep the removed servers in memory until the next release.
  running.added, running.removed, running.kept = nil, nil, nil
  judgeAll()
  for id in pairs(drained) do
    if not running.servers[id] then drained[id] = nil end
  end
end

-- Runs a phase and puts what came of it into words.
local function phase(name, action, release)
  local ok, result = pcall(action)
  if not ok then return "error " .. name .. ": " .. tostring(result):gsub("%s+", " ") end
  return "ok " .. name .. " " .. (release or running.id) .. (result or "")
end

-- For dnsdist.conf: the first release. A problem stops dnsdist.
function dnslb.start(directory)
  stage(directory)
  commit()
end

function dnslb.stage(directory)
  return phase("stage", function()
    stage(directory)
    return string.format(" added=%d removed=%d kept=%d", #staged.added, #staged.removed, #staged.kept)
  end, directory:match("([^/]+)/*$"))
end

function dnslb.pending()
  return phase("pending", function()
    if not staged then error("nothing is staged", 0) end
    local waiting = {}
    for _, server in ipairs(staged.added) do
      if not drained[server.id] and (judge.owes(server) or not server.held and not server.object:isUp()) then waiting[#waiting + 1] = " " .. server.id end
    end
    return " " .. #waiting .. table.concat(waiting)
  end, staged and staged.id)
end

function dnslb.commit()
  return phase("commit", commit)
end

function dnslb.tidy()
  return phase("tidy", function()
    local count = #retired
    local old = retired
    retired = {}
    for _, server in ipairs(old) do rmServer(server.object) end
    old = nil
    collect()
    return " removed=" .. count
  end)
end

function dnslb.abort()
  return phase("abort", function()
    if staged then discard(staged.added) end
    staged = nil
    judgeAll()
    collect()
  end)
end

function dnslb.release()
  return phase("release", function() end)
end

local function runningServer(id)
  local server = running.servers[id]
  if not server then error("no server " .. tostring(id), 0) end
  return server
end

-- No new queries to a server, in this and later releases, until undrainServer() or a restart.
function dnslb.drainServer(id)
  return phase("drain", function()
    local server = runningServer(id)
    server.object:setDown()
    drained[id] = true
    judge.forget(server)
    return " " .. id
  end)
end

-- Back under the probes' judgement. It starts as down and comes up by its own probes: what dnsdist last knew may be
-- older than the drain.
function dnslb.undrainServer(id)
  return phase("undrain", function()
    local server = runningServer(id)
    if drained[id] then server.object:setAuto(false) end
    drained[id] = nil
    judge.forget(server)
    return " " .. id
  end)
end

local function quote(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

-- How many answers a cache holds.
local function held(cache)
  return tonumber(cache:toString():match("^(%d+)/")) or 0
end

-- Whether a server is up in one of the pools with a cache.
local function isServed(cache)
  for _, pool in ipairs(running.pools) do
    if pool.store == cache.object then
      for _, server in ipairs(running.order) do
        if not lacks(server.pools, pool.name) and server.object:isUp() then return true end
      end
    end
  end
  return false
end

-- Counted by makeRoom(): a clock may be set back.
local seconds = 0

-- Makes room, once a second: dnsdist keeps nothing new in a cache that is full. What has expired goes first; what a cache gives
-- while all servers are down, dnsdist would keep for ever, since one of the pools never has a server. A cache that is full of
-- what holds is emptied: those who ask for names at random would have it to themselves for as long as their answers hold.
local function makeRoom()
  seconds = seconds + 1
  for key, cache in pairs(running.caches) do
    local full = cache.entries * FULL
    if held(cache.object) >= full and not (cache.stale and not isServed(cache)) then
      if seconds - cache.purged >= math.max(PURGE_PAUSE, cache.entries / ENTRIES_PER_SECOND) then
        cache.purged = seconds
        cache.object:purgeExpired(0)
      end
      if held(cache.object) >= full and seconds - cache.emptied >= EMPTY_PAUSE then
        cache.emptied = seconds
        cache.object:expunge(0)
        warnlog("cache " .. key .. " was full of answers that hold, and is empty now")
      end
    end
  end
end

-- A line of JSON for each cache. Of all pools that share it, so that no query counts twice.
function dnslb.caches()
  return phase("caches", function()
    local lines = { "" }
    for key, cache in pairs(running.caches) do
      local stats = cache.object:getStats()
      lines[#lines + 1] = string.format(
        '{"name":%s,"answers":%d,"entries":%d,"hits":%d,"misses":%d}',
        quote(key), held(cache.object), cache.entries, tonumber(stats.hits), tonumber(stats.misses))
    end
    table.sort(lines)
    return table.concat(lines, "\n")
  end)
end

-- Empties the cache of a pool, or all of them: of everything, of a name, or of a name and all below; of one type, if given.
function dnslb.expunge(pool, name, type, below)
  return phase("expunge", function()
    local caches, removed = 0, 0
    for key, cache in pairs(running.caches) do
      if not pool or key == pool then
        local before = held(cache.object)
        if name then
          cache.object:expungeByName(newDNSName(name), type or DNSQType.ANY, below or false)
        else
          cache.object:expunge(0)
        end
        caches, removed = caches + 1, removed + math.max(0, before - held(cache.object))
      end
    end
    return string.format(" caches=%d removed=%d", caches, removed)
  end)
end

-- A line of JSON for each server, with what the judge finds wrong, also where the server serves all the same. dnsdist
-- 1.7 does not tell Lua how many queries a server had: null.
function dnslb.status()
  return phase("status", function()
    local lines = { "" }
    for _, server in ipairs(running.order) do
      local object = server.object
      local state = drained[server.id] and "drained" or object:isUp() and "up" or "down"
      local counted, queries = pcall(function() return object:getQueries() end)
      local pools = {}
      for index, pool in ipairs(server.pools) do pools[index] = quote(pool) end
      local _, fault = judge.verdict(server)
      lines[#lines + 1] = string.format(
        '{"id":%s,"address":%s,"state":"%s","pools":[%s],"queries":%s,"outstanding":%d%s}',
        quote(server.id), quote(server.options.address), state, table.concat(pools, ","),
        counted and tostring(tonumber(queries)) or "null", tonumber(object:getOutstanding()),
        fault and ',"fault":' .. quote(fault) or "")
    end
    return table.concat(lines, "\n")
  end)
end

-- Runs an action and logs its error, once as long as it stays the same.
local errors = {}
local function attempt(title, action, ...)
  local ok, problem = pcall(action, ...)
  if not ok and problem ~= errors[title] then errlog(title .. ": " .. tostring(problem)) end
  errors[title] = not ok and problem or nil
  return ok
end

-- dnsdist calls it about once a second. An error of the judge takes back all that it said.
function maintenance()
  local judged = attempt("judge: failed, and has said nothing", judge.round, running.order, drained)
  attempt("pools: their rules stay as they are", updateRules)
  attempt("caches: they stay as full as they are", makeRoom)
  if not judged then pcall(judge.fail, running.order) end
end
