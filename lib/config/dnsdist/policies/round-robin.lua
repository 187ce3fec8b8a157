-- The policy `roundRobin`, for the Lua state of each thread: servers that are up take turns, each as often as its weight
-- says. While none is up, all take turns, as in dnsdist's own round robin.
--
-- The turns are a list in which those of each server stand at even distances. It is made again when the pool has another
-- number of servers, or when a server whose turn it is has another weight.

local slot = ffi.new("const dnsdist_ffi_server_t*[1]")

-- The most turns in a list; weights are rounded for it.
local MOST = 4096

local size, turn = -1, 0
-- By turn, the position of the server; by position, the weight that the list was made for.
local turns, weights = {}, {}

local function greatestDivisor(one, other)
  while other ~= 0 do one, other = other, one % other end
  return one
end

local function arrange(servers, count)
  local sum, divisor = 0, 0
  turns, weights, size, turn = {}, {}, count, 0
  for position = 0, count - 1 do
    C.dnsdist_ffi_servers_list_get_server(servers, position, slot)
    local weight = C.dnsdist_ffi_server_get_weight(slot[0])
    weights[position] = weight
    sum, divisor = sum + weight, greatestDivisor(weight, divisor)
  end
  local unit = math.max(divisor, sum / math.max(MOST, count))
  local places = {}
  for position = 0, count - 1 do
    local times = math.max(1, math.floor(weights[position] / unit + 0.5))
    for at = 1, times do
      places[#places + 1] = { position = position, place = (at - 0.5) / times }
    end
  end
  table.sort(places, function(one, other)
    if one.place ~= other.place then return one.place < other.place end
    return one.position < other.position
  end)
  for at, each in ipairs(places) do turns[at] = each.position end
end

return function(address)
  local servers = listAt(address)
  local count = tonumber(C.dnsdist_ffi_servers_list_get_count(servers))
  -- A query that was sent to a pool when that lost its servers.
  if count == 0 then return 0 end
  if count ~= size then arrange(servers, count) end
  for _ = 1, #turns do
    turn = turn % #turns + 1
    local position = turns[turn]
    C.dnsdist_ffi_servers_list_get_server(servers, position, slot)
    if C.dnsdist_ffi_server_is_up(slot[0]) then
      if C.dnsdist_ffi_server_get_weight(slot[0]) ~= weights[position] then arrange(servers, count) end
      return position
    end
  end
  turn = turn % #turns + 1
  return turns[turn]
end
