-- Judges the answers of servers, which dnsdist's own probes do not before version 2.1: they take FORMERR, an empty
-- answer, a referral or an answer that is always truncated for health. A server is down if either says so.
--
-- Works in maintenance(), about once a second, with non-blocking sockets: queries never run Lua. Each probe has a socket,
-- a port and an id of its own. A fault of content (NXDOMAIN, no answer, no AA, another value) is often one of the zone,
-- and so on every server at once: it takes out half of a pool at most, and never the last server that answers.

-- Where others judge, as the watch of the node does by scripts, it reads their verdicts from a file in each round. A verdict
-- decides alone until it expires; then dnsdist's own probe does.

local judge = {}

-- Sockets at a time, and milliseconds of a round: for probes, and for waiting for answers.
local MOST_SOCKETS = 512
local WORK_TIME = 100
local WAIT_TIME = 15
-- Rounds come a second apart, give or take: a probe due within half of that is due now.
local EARLY = 500
-- Milliseconds after which a judge that did nothing has said nothing.
local DEAD_TIME = 3000
-- Bytes of an answer that are read. HAProxy's buffer holds as many.
local MOST_BYTES = 16384
-- Datagrams that one round reads from a server; those with another id are skipped.
local MOST_DATAGRAMS = 16
-- Of so many last probes, so many failures make a server unreliable, and so few well again.
local WINDOW, UNRELIABLE, RELIABLE = 10, 4, 1
local MOST_LINES = 20
local LABEL_DIGITS = 8
-- Bytes of a file of verdicts that are read.
local MOST_VERDICTS = 1048576

local RCODES = {
  [0] = "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
  "NOTZONE",
}
local PROXY_HEADER = "\r\n\r\n\0\r\nQUIT\n\32\0\0\0"
local CNAME = 5

local available, ffi = pcall(require, "ffi")
local C
if available then
  available = pcall(ffi.cdef, [[
    struct dnslb_pollfd { int fd; short events; short revents; };
    struct dnslb_timespec { long seconds; long nanoseconds; };
    int socket(int, int, int);
    int connect(int, const void *, unsigned int);
    int close(int);
    long send(int, const void *, unsigned long, int);
    long recv(int, void *, unsigned long, int);
    int poll(struct dnslb_pollfd *, unsigned long, int);
    int getsockopt(int, int, int, void *, unsigned int *);
    int setsockopt(int, int, int, const void *, unsigned int);
    int inet_pton(int, const char *, void *);
    int clock_gettime(int, struct dnslb_timespec *);
    long getrandom(void *, unsigned long, unsigned int);
  ]]) and ffi.os == "Linux" and ffi.abi("le")
  C = ffi.C
end
judge.available = available

-- From Linux's headers; all platforms that dnsdist runs on with LuaJIT, but MIPS, have these values.
local INET, INET6, STREAM, DATAGRAM, NONBLOCK, CLOEXEC = 2, 10, 1, 2, 2048, 524288
local SOL_SOCKET, SO_ERROR, SO_RCVBUF, NOSIGNAL, CLOCK_MONOTONIC = 1, 4, 8, 16384, 1
local POLLIN, POLLOUT = 1, 4
local EAGAIN, EINPROGRESS = 11, 115
-- Errors that say that the judge lacks something, not that the server does: EPERM, EAGAIN, ENOMEM, EACCES, ENFILE,
-- EMFILE, EADDRNOTAVAIL, ENOBUFS.
local OWN_ERRORS = { [1] = true, [11] = true, [12] = true, [13] = true, [23] = true, [24] = true, [99] = true, [105] = true }

local buffer, pollfds, time, integer, size, random
if available then
  buffer = ffi.new("char[?]", MOST_BYTES)
  pollfds = ffi.new("struct dnslb_pollfd[?]", MOST_SOCKETS)
  time = ffi.new("struct dnslb_timespec")
  integer = ffi.new("int[1]")
  size = ffi.new("unsigned int[1]")
  random = ffi.new("unsigned char[?]", LABEL_DIGITS)
end

-- States by key: of a server's id, address and probe. Servers share one, so that verdicts outlive a change.
local states, order, cursor = {}, {}, 0
-- Probes under way.
local flights = {}
local lastRound
-- Whether the last round had no time for all its work.
local strained = false
local lines = 0
-- The verdicts of others by file and by server: whether it is up, why not, and until when that holds.
local files = {}
-- What the clock said when this round began.
local round = 0

-- Milliseconds of a clock that nobody sets.
local function clock()
  C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
end

-- Lines about pools are few, and not kept back by those about servers.
local function tell(text, pool)
  if pool then return errlog("judge: " .. text) end
  lines = lines + 1
  if lines <= MOST_LINES then errlog("judge: " .. text) end
end

local function bytesOf(hex)
  return (hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function word(text, at)
  local high, low = text:byte(at, at + 1)
  return low and high * 256 + low
end

-- The socket address of "192.0.2.1:53" or "[2001:db8::1]:53" as bytes, with its family.
local function socketAddress(text)
  local host, port = text:match("^%[([^%]]+)%]:(%d+)$")
  local family = host and INET6 or INET
  if not host then host, port = text:match("^([%d.]+):(%d+)$") end
  if not host then return nil end
  local address = ffi.new("unsigned char[16]")
  if C.inet_pton(family, host, address) ~= 1 then return nil end
  local number = tonumber(port)
  local head = string.char(family, 0, math.floor(number / 256), number % 256)
  if family == INET then return head .. ffi.string(address, 4) .. ("\0"):rep(8), family end
  return head .. ("\0"):rep(4) .. ffi.string(address, 16) .. ("\0"):rep(4), family
end

-- Where the name at a place ends; nothing if it runs out of the message.
local function afterName(text, at)
  while true do
    local length = text:byte(at)
    if not length then return nil end
    if length == 0 then return at + 1 end
    if length >= 192 then return at + 2 end
    if length >= 64 then return nil end
    at = at + 1 + length
  end
end

-- What is wrong with a message, and whether that is its content. Nothing, if all is well.
local function faultOf(probe, text, tcp)
  if #text < 12 then return "sends a broken message" end
  local flags, rcode = text:byte(3), text:byte(4) % 16
  if flags < 128 then return "sends a query instead of a response" end
  if math.floor(flags / 8) % 16 ~= 0 then return "answers with another opcode" end
  local truncated, authoritative = math.floor(flags / 2) % 2 == 1, math.floor(flags / 4) % 2 == 1
  local known = probe.rcodes[rcode]
  local name = RCODES[rcode] or "RCODE " .. rcode
  if not known and rcode ~= 0 and rcode ~= 3 then return "answers " .. name end
  if word(text, 5) ~= 1 or text:sub(13, 12 + #probe.question):lower() ~= probe.question then
    return "answers another question"
  end
  if truncated then return "truncates its answer", not tcp end
  if not known then return "answers " .. name, true end

  local count = word(text, 7)
  local at = 13 + #probe.question
  local right, valued
  for index = 1, count + word(text, 9) + word(text, 11) do
    local data = afterName(text, at)
    local length = data and word(text, data + 8)
    if not length or data + 9 + length > #text then return "sends a broken message" end
    if index <= count then
      local owned = text:sub(at, at + 1) == "\192\12" or text:sub(at, data - 1):lower() == probe.name
      local kind = word(text, data)
      if index == 1 then
        right = owned and word(text, data + 2) == 1 and (kind == probe.type or kind == CNAME and not probe.value)
      end
      if kind == probe.type and text:sub(data + 10, data + 9 + length) == probe.value then valued = true end
    end
    at = data + 10 + length
  end
  if rcode ~= 0 then return nil end
  if probe.authoritative and not authoritative then return "is not authoritative", true end
  if count == 0 then
    if probe.answer then return "has no answer", true end
    return nil
  end
  if not right and not (probe.value and valued) then return "answers with another record", true end
  if probe.value and not valued then return "answers with another value", true end
  return nil
end

local function probeOf(pool)
  if pool.judge.connect then return { connect = true } end
  local query = bytesOf(pool.judge.query)
  local after = afterName(query, 13) + 4
  local question = query:sub(13, after - 1):lower()
  local rcodes = {}
  for _, rcode in ipairs(pool.judge.rcodes) do rcodes[rcode] = true end
  return {
    head = query:sub(3, 12),
    -- What follows the question.
    rest = query:sub(after),
    labelled = pool.judge.randomLabel,
    question = question,
    name = question:sub(1, -5),
    type = word(question, #question - 3),
    rcodes = rcodes,
    answer = pool.judge.answer,
    authoritative = pool.judge.authoritative,
    value = pool.judge.value and bytesOf(pool.judge.value),
  }
end

-- The probe with a new label in front of its name.
local function withLabel(probe)
  C.getrandom(random, LABEL_DIGITS, 0)
  local digits = {}
  for index = 1, LABEL_DIGITS do digits[index] = tostring(random[index - 1] % 10) end
  local label = string.char(LABEL_DIGITS) .. table.concat(digits)
  return setmetatable({ question = label .. probe.question, name = label .. probe.name }, { __index = probe })
end

-- The verdict after one more probe.
local function note(state, fault, soft, silent)
  state.heard = round
  state.turn = state.turn % WINDOW + 1
  state.recent[state.turn] = fault ~= nil
  local failures = 0
  for index = 1, WINDOW do failures = failures + (state.recent[index] and 1 or 0) end
  if fault then
    state.failed, state.passed = state.failed + 1, 0
    state.fault, state.soft = fault, soft == true
  else
    state.failed, state.passed = 0, state.passed + 1
  end

  local before = state.verdict
  if not before then
    -- A wrong answer says enough. Silence is dnsdist's to judge until there was enough of it.
    if not fault then
      state.verdict = "up"
    elseif not silent or state.failed >= state.fall then
      state.verdict = "down"
    end
  elseif before == "up" then
    if state.failed >= state.fall then
      state.verdict = "down"
    -- Only another failure shows it: the window of a server that is back is still full of those of its outage.
    elseif fault and #state.recent == WINDOW and failures >= UNRELIABLE then
      state.verdict, state.unreliable = "down", true
    end
  elseif state.passed >= state.rise and (not state.unreliable or failures <= RELIABLE) then
    state.verdict, state.unreliable = "up", false
  end
  if state.unreliable and state.failed < state.fall then
    state.fault, state.soft = "fails every second probe, or nearly", true
  end
  if state.verdict == "up" and (before == "down") then tell(state.label .. " is well again") end
  if state.verdict == "down" and (before ~= "down" or state.told ~= state.fault) then
    tell(state.label .. " " .. state.fault)
  end
  state.told = state.verdict == "down" and state.fault or nil
end

local function finish(flight)
  if flight.fd then C.close(flight.fd) end
  flight.fd = nil
  flight.state.flight = nil
end

local function settle(flight, fault, soft, silent)
  finish(flight)
  note(flight.state, fault, soft, silent)
end

-- Ends a probe by an error of the system.
local function trouble(flight, errno)
  if OWN_ERRORS[errno] then return finish(flight) end
  return settle(flight, errno == 111 and "refuses connections" or "cannot be reached")
end

local function transmit(flight)
  if flight.probe.connect then return settle(flight) end
  local text = flight.text
  local sent = C.send(flight.fd, text, #text, NOSIGNAL)
  if sent < 0 then return trouble(flight, ffi.errno()) end
  -- So few bytes always fit into an empty buffer.
  if sent < #text then return finish(flight) end
  flight.phase, flight.since = "receive", clock()
end

local function begin(state)
  local kind = (state.tcp and STREAM or DATAGRAM) + NONBLOCK + CLOEXEC
  local fd = C.socket(state.family, kind, 0)
  -- Nothing is said by a judge that gets no socket.
  if fd < 0 then return end
  C.getrandom(random, 2, 0)
  local id = ffi.string(random, 2)
  local probe = state.probe.labelled and withLabel(state.probe) or state.probe
  local message = probe.connect and "" or id .. probe.head .. probe.question .. probe.rest
  local text = state.tcp and string.char(math.floor(#message / 256), #message % 256) .. message or message
  local flight = {
    state = state, probe = probe, fd = fd, id = id, since = clock(), phase = "connect", parts = {}, got = 0,
    text = (state.proxy and PROXY_HEADER or "") .. text,
  }
  flights[#flights + 1] = flight
  state.flight = flight
  if not state.tcp then
    integer[0] = MOST_BYTES
    C.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, integer, 4)
  end
  if C.connect(fd, state.sockaddr, #state.sockaddr) == 0 then return transmit(flight) end
  local errno = ffi.errno()
  if errno ~= EINPROGRESS then trouble(flight, errno) end
end

local function receiveDatagrams(flight)
  for _ = 1, MOST_DATAGRAMS do
    local count = tonumber(C.recv(flight.fd, buffer, MOST_BYTES, 0))
    if count < 0 then
      local errno = ffi.errno()
      if errno ~= EAGAIN then trouble(flight, errno) end
      return
    end
    local text = ffi.string(buffer, count)
    if text:sub(1, 2) == flight.id then return settle(flight, faultOf(flight.probe, text, false)) end
    flight.strange = true
  end
end

local function receiveStream(flight)
  local count = tonumber(C.recv(flight.fd, buffer, MOST_BYTES, 0))
  if count < 0 then
    local errno = ffi.errno()
    if errno ~= EAGAIN then trouble(flight, errno) end
    return
  end
  if count == 0 then return settle(flight, "ends connections without an answer") end
  flight.parts[#flight.parts + 1] = ffi.string(buffer, count)
  flight.got = flight.got + count
  if flight.got < 2 then return end
  local text = table.concat(flight.parts)
  flight.parts = { text }
  local length = word(text, 1)
  if flight.got > length + 2 or length + 2 > MOST_BYTES then return settle(flight, "sends a broken message") end
  if flight.got < length + 2 then return end
  if text:sub(3, 4) ~= flight.id then return settle(flight, "answers with another id") end
  return settle(flight, faultOf(flight.probe, text:sub(3), true))
end

local function advance(flight)
  if flight.phase == "connect" then
    size[0] = 4
    C.getsockopt(flight.fd, SOL_SOCKET, SO_ERROR, integer, size)
    if integer[0] ~= 0 then return trouble(flight, integer[0]) end
    return transmit(flight)
  end
  if flight.state.tcp then return receiveStream(flight) end
  return receiveDatagrams(flight)
end

-- Forgets the probes that ended.
local function sweep()
  local current = flights
  flights = {}
  for _, flight in ipairs(current) do
    if flight.fd then flights[#flights + 1] = flight end
  end
end

-- Moves probes that can move, up to a time. Waits for the first one, milliseconds at most.
local function move(wait, ending)
  sweep()
  local current = flights
  if #current == 0 then return end
  for index, flight in ipairs(current) do
    pollfds[index - 1].fd = flight.fd
    pollfds[index - 1].events = flight.phase == "connect" and POLLOUT or POLLIN
    pollfds[index - 1].revents = 0
  end
  if C.poll(pollfds, #current, wait) > 0 then
    for index, flight in ipairs(current) do
      if pollfds[index - 1].revents ~= 0 then
        advance(flight)
        if index % 16 == 0 and clock() >= ending then break end
      end
    end
  end
  sweep()
end

-- Ends the probes whose server had its time. What came in time was read just now.
local function expire()
  local now = clock()
  local current = flights
  flights = {}
  for _, flight in ipairs(current) do
    if now - flight.since >= flight.state.timeout then
      if strained then
        -- The node may be what is slow: nothing is said.
        finish(flight)
      elseif flight.strange then
        settle(flight, "answers with another id")
      elseif flight.got > 0 then
        settle(flight, "does not end its answer")
      else
        settle(flight, "does not answer", false, true)
      end
    else
      flights[#flights + 1] = flight
    end
  end
end

-- Begins the probes that are due, as many as there is room and time for. Each goes on where the last one ended.
local function start(ending)
  for count = 1, #order do
    if #flights >= MOST_SOCKETS or count % 16 == 0 and clock() >= ending then return end
    cursor = cursor % #order + 1
    local state = order[cursor]
    if not state.flight and state.due <= round then
      state.due = round + state.interval - EARLY
      begin(state)
    end
  end
end

local function probeAll()
  local ending, waited = round + WORK_TIME, 0
  -- A round that comes late, or has no time for its work, tells nothing by silence.
  if lastRound and round - lastRound > 2 * 1000 then strained = true end
  move(0, ending)
  expire()
  strained = false
  while true do
    start(ending)
    sweep()
    local before = clock()
    if before >= ending then strained = true end
    if #flights == 0 or strained or waited >= WAIT_TIME then return end
    move(math.ceil(math.min(WAIT_TIME - waited, 5)), ending)
    waited = waited + clock() - before
  end
end

-- The file with the verdicts of others on a server, if they judge it.
local function fileOf(server)
  return server.judged and server.judged.judge.verdicts
end

-- Reads a file of verdicts. Without one, those that were read hold until they expire.
local function readVerdicts(path)
  local file = io.open(path, "rb")
  if not file then return end
  local text = file:read(MOST_VERDICTS)
  file:close()
  local found = {}
  for line in (text or ""):gmatch("([^\n]+)\n") do
    local name, ending, word, reason = line:match("^(%S+) (%d+) (%l+) ?(.*)$")
    if word == "up" or word == "down" then
      found[name] = { up = word == "up", reason = reason, ending = tonumber(ending) }
    end
  end
  files[path] = found
end

local function foreignVerdict(server)
  local entry = server.verdict and files[fileOf(server)][server.verdict.of]
  if not entry or entry.ending <= clock() then return nil, "has no verdict of its script: dnsdist's own probe decides" end
  if entry.up then return "up" end
  return "down", entry.reason
end

-- The servers to judge, of the running release and of a staged one.
function judge.watch(...)
  if not available then return end
  local kept, sequence = {}, {}
  local before = files
  files = {}
  for _, servers in ipairs({ ... }) do
    for _, server in ipairs(servers) do
      local path = fileOf(server)
      if path and not files[path] then
        files[path] = before[path] or {}
        if not before[path] then readVerdicts(path) end
      end
      local key = not path and server.judged and server.key
      local state = key and (kept[key] or states[key])
      if key and not state then
        local sockaddr, family = socketAddress(server.options.address)
        if sockaddr then
          state = {
            label = "server " .. server.id .. " at " .. server.options.address,
            sockaddr = sockaddr, family = family, probe = probeOf(server.judged),
            tcp = server.judged.judge.connect or server.options.checkTCP == true, proxy = server.options.useProxyProtocol == true,
            interval = (server.options.checkInterval or 1) * 1000, timeout = server.options.checkTimeout or 1000,
            fall = server.options.maxCheckFailures or 1, rise = server.options.rise or 1,
            due = 0, heard = clock(), failed = 0, passed = 0, recent = {}, turn = 0,
          }
        end
      end
      if state and not kept[key] then
        kept[key] = state
        sequence[#sequence + 1] = state
      end
    end
  end
  for key, state in pairs(states) do
    if not kept[key] and state.flight then finish(state.flight) end
  end
  sweep()
  states, order = kept, sequence
end

-- What the judge says of a server: "up", "down", or nothing yet; then what is wrong, and whether it is its content.
function judge.verdict(server)
  if fileOf(server) then
    if not available or not files[fileOf(server)] then return nil end
    return foreignVerdict(server)
  end
  local state = server.judged and states[server.key]
  if not state or not state.verdict then return nil end
  if state.verdict == "down" then return "down", state.fault, state.soft end
  return "up"
end

-- Whether a server waits for its first verdict, of a judge that works.
function judge.owes(server)
  local state = not fileOf(server) and server.judged and states[server.key]
  return state and not state.verdict and lastRound ~= nil and clock() - lastRound < DEAD_TIME
end

local function isUp(server)
  local up = server.object:isUp()
  if up then server.wasUp = true end
  return up
end

-- Whether the verdict alone decides, and dnsdist's own probe only where there is none.
local function decides(server)
  return server.judged.judge.connect or fileOf(server) ~= nil
end

local function hold(server)
  -- dnsdist's own probe connects a server that could not be reached when it was made, so it must have passed once.
  if server.held or not (isUp(server) or server.wasUp) then return end
  server.object:setDown()
  server.held, server.raised = true, nil
end

-- Lets a server serve that dnsdist's own probe finds down. dnsdist probes it no more.
local function raise(server)
  if isUp(server) then return end
  server.object:setUp()
  server.raised = true
end

local function letGo(server, verdict)
  local raised = server.raised and not (verdict and decides(server))
  if not server.held and not raised then return end
  server.held, server.raised = nil, nil
  -- The judge has seen as many good answers as dnsdist wants to see; without a verdict, dnsdist's own probes decide.
  server.object:setAuto(verdict ~= nil)
end

-- An operator's drain and its end decide over what the judge did; its verdict follows in the next round.
function judge.forget(server)
  server.held, server.raised = nil, nil
end

-- Whether a server serves that others judge. A drain is for each daemon by itself.
function judge.serves(server, isDrained)
  local verdict = judge.verdict(server)
  if verdict then return verdict == "up" end
  return isDrained or isUp(server)
end

-- Applies the verdicts to the servers of a release.
function judge.enforce(servers, drained)
  if not available then return end
  local groups = {}
  for _, server in ipairs(servers) do
    if server.judged then
      local name = server.judged.name
      local group = groups[name] or { total = 0, members = {}, soft = {} }
      groups[name] = group
      group.total = group.total + 1
      group.members[group.total] = server
      local verdict, _, soft = judge.verdict(server)
      if drained[server.id] then
        server.held, server.raised = nil, nil
      elseif verdict == "down" and not soft then
        hold(server)
      elseif verdict == "down" then
        if server.held then table.insert(group.soft, 1, server) else group.soft[#group.soft + 1] = server end
      else
        letGo(server, verdict)
        if verdict == "up" and decides(server) then
          raise(server)
        elseif verdict == "up" and not server.wasUp then
          isUp(server)
        end
      end
    end
  end
  for name, group in pairs(groups) do
    if #group.soft > 0 then
      local good, answering = 0, {}
      for _, server in ipairs(group.members) do
        local verdict = judge.verdict(server)
        if verdict ~= "down" and not drained[server.id] and isUp(server) then good = good + 1 end
      end
      for _, server in ipairs(group.soft) do
        if server.held or isUp(server) then answering[#answering + 1] = server end
      end
      local limit = math.floor(group.total / 2)
      if good == 0 then limit = math.min(limit, #answering - 1) end
      for index, server in ipairs(answering) do
        if index <= limit then hold(server) else letGo(server, "down") end
      end
      local serving = #answering - math.max(0, math.min(limit, #answering))
      local text = serving > 0 and "pool " .. name .. ": " .. serving .. " of " .. group.total
        .. " servers serve in spite of wrong answers, since a fault of content takes out half of a pool at most" or ""
      if text ~= "" and group.members[1].told ~= text then tell(text, true) end
      group.members[1].told = text
    end
  end
end

-- Forgets what was said, and closes what is open.
function judge.fail(servers)
  for _, flight in ipairs(flights) do
    if flight.fd then pcall(C.close, flight.fd) end
  end
  flights = {}
  for _, state in ipairs(order) do
    state.flight, state.verdict, state.failed, state.passed, state.recent, state.turn = nil, nil, 0, 0, {}, 0
    state.due, state.unreliable, state.told = 0, nil, nil
  end
  for path in pairs(files) do files[path] = {} end
  for _, server in ipairs(servers) do pcall(letGo, server, nil) end
end

-- A round: for maintenance().
function judge.round(servers, drained)
  if not available then return end
  round = clock()
  lines = 0
  for path in pairs(files) do readVerdicts(path) end
  if #order > 0 then
    probeAll()
    for _, state in ipairs(order) do
      if state.verdict and round - state.heard > 2 * (state.interval + state.timeout) + DEAD_TIME then
        state.verdict, state.unreliable = nil, nil
      end
    end
  end
  judge.enforce(servers, drained)
  if lines > MOST_LINES then errlog("judge: and " .. lines - MOST_LINES .. " lines more") end
  lastRound = clock()
end

return judge
