-- The policy `leastOutstanding`, for the Lua state of each thread: of two servers that are up, the one with fewer
-- unanswered queries for its weight.
--
-- The first of the two is the next in turn, so that servers with equally few share the queries equally; the second is any
-- other. So the work for a query does not grow with the number of servers, and one that is slow loses to almost every other.
-- dnsdist's own policy of this name looks at all servers, ignores weights and lets the fastest win every tie.

local slot = ffi.new("const dnsdist_ffi_server_t*[1]")
local turn, seed = 0, 1

-- The position of the first server that is up, from a position on; nil if none is.
local function nextUp(servers, count, position)
  for _ = 1, count do
    C.dnsdist_ffi_servers_list_get_server(servers, position, slot)
    if C.dnsdist_ffi_server_is_up(slot[0]) then return position end
    position = position + 1
    if position == count then position = 0 end
  end
end

-- The load of the server that was found last.
local function load()
  return tonumber(C.dnsdist_ffi_server_get_outstanding(slot[0])) / C.dnsdist_ffi_server_get_weight(slot[0])
end

-- A number from 0 to less than the limit. The period of this generator is 2^31 - 2.
local function below(limit)
  seed = seed * 48271 % 2147483647
  return seed % limit
end

return function(address)
  local servers = listAt(address)
  local count = tonumber(C.dnsdist_ffi_servers_list_get_count(servers))
  -- A query that was sent to a pool when that lost its servers.
  if count == 0 then return 0 end
  turn = turn + 1
  if turn >= count then turn = 0 end
  local first = nextUp(servers, count, turn)
  if first == nil then return turn end
  turn = first
  if count == 1 then return first end
  local least = load()
  local second = nextUp(servers, count, (first + 1 + below(count - 1)) % count)
  return load() < least and second or first
end
