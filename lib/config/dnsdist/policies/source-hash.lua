-- The policy `sourceHash`, for the Lua state of each thread: a client's address chooses the server, by its name and weight.
--
-- Addresses fall into buckets. Each bucket belongs to the server whose distance to it is the shortest (weighted rendezvous
-- hashing), whatever the order of the servers, and is worked out when it is first needed. While that server is down, the
-- bucket goes to the next one that is up: only its clients move, as they would if it were not in the pool at all.

local bit = require("bit")
local band, bxor, lshift, rshift, tobit = bit.band, bit.bxor, bit.lshift, bit.rshift, bit.tobit

-- Every state declares it once for each pool.
pcall(ffi.cdef, "long time(long *);")

local BUCKETS = 16384
-- The position of a bucket's server in the list, from 1 on; 0 while nobody has asked.
local owners = ffi.new("uint16_t[?]", BUCKETS)
local slot = ffi.new("const dnsdist_ffi_server_t*[1]")
local address, size = ffi.new("const void*[1]"), ffi.new("size_t[1]")
local words = ffi.typeof("const uint32_t*")
local questionAt = pointerTo("dnsdist_ffi_dnsquestion_t")

-- The list as it was last read: the pointers to names by position and, sorted by name, positions, seeds and weights.
local count, readAt, spelled = -1, -1, nil
local pointers, positions, seeds, weights = {}, {}, {}, {}

-- The product modulo 2^32: a double holds no 64 bits.
local function times(value, factor)
  return tobit(band(value, 0xffff) * factor + lshift(rshift(value, 16) * factor, 16))
end

-- The finalizer of MurmurHash3.
local function mix(value)
  value = times(bxor(value, rshift(value, 16)), 0x85ebca6b)
  value = times(bxor(value, rshift(value, 13)), 0xc2b2ae35)
  return bxor(value, rshift(value, 16))
end

local function seedOf(name)
  local seed = #name
  for at = 1, #name do seed = mix(bxor(seed, name:byte(at))) end
  return seed
end

-- Forgets the buckets if another name or weight is there.
local function read(servers)
  local list, texts = {}, {}
  count = tonumber(C.dnsdist_ffi_servers_list_get_count(servers))
  for position = 1, count do
    C.dnsdist_ffi_servers_list_get_server(servers, position - 1, slot)
    pointers[position] = C.dnsdist_ffi_server_get_name(slot[0])
    -- Behind the name of the pool, which differs by transport.
    local name = ffi.string(pointers[position]):match("[^/]*$")
    list[position] = { position = position, name = name, weight = C.dnsdist_ffi_server_get_weight(slot[0]) }
    texts[position] = name .. "=" .. list[position].weight
  end
  local text = table.concat(texts, ",")
  if text == spelled then return end
  spelled = text
  table.sort(list, function(one, other) return one.name < other.name end)
  local taken = {}
  for at, server in ipairs(list) do
    local seed = seedOf(server.name)
    while taken[seed] do seed = mix(seed + 1) end
    taken[seed] = true
    positions[at], seeds[at], weights[at] = server.position, seed, server.weight
  end
  ffi.fill(owners, ffi.sizeof(owners))
end

local function isUp(servers, position)
  C.dnsdist_ffi_servers_list_get_server(servers, position - 1, slot)
  return C.dnsdist_ffi_server_is_up(slot[0])
end

-- The server that is nearest to a bucket, of all, or of those in `servers` that are up; 0 if none is.
local function nearest(bucket, servers)
  local point = mix(bucket + 1)
  local best, least = 0, math.huge
  for at = 1, count do
    local chance = (mix(bxor(seeds[at], point)) % 4294967296 + 0.5) / 4294967296
    local distance = -math.log(chance) / weights[at]
    if distance < least and (not servers or isUp(servers, positions[at])) then
      best, least = positions[at], distance
    end
  end
  return best
end

local function ownerOf(bucket)
  local owner = owners[bucket]
  if owner == 0 then
    owner = nearest(bucket)
    owners[bucket] = owner
  end
  return owner
end

return function(list, question)
  local servers = listAt(list)
  -- A list is read when its length differs, when another server stands where the bucket's should, and once a second.
  local now = tonumber(C.time(nil))
  if now ~= readAt or C.dnsdist_ffi_servers_list_get_count(servers) ~= count then
    read(servers)
    readAt = now
  end
  -- A query that was sent to a pool when that lost its servers.
  if count == 0 then return 0 end
  C.dnsdist_ffi_dnsquestion_get_remoteaddr(questionAt(question), address, size)
  local parts, hash = ffi.cast(words, address[0]), 0
  for at = 0, tonumber(size[0]) / 4 - 1 do hash = mix(bxor(hash, parts[at])) end
  local bucket = band(hash, BUCKETS - 1)
  local owner = ownerOf(bucket)
  C.dnsdist_ffi_servers_list_get_server(servers, owner - 1, slot)
  if C.dnsdist_ffi_server_get_name(slot[0]) ~= pointers[owner] then
    read(servers)
    owner = ownerOf(bucket)
    C.dnsdist_ffi_servers_list_get_server(servers, owner - 1, slot)
  end
  if C.dnsdist_ffi_server_is_up(slot[0]) then return owner - 1 end
  local other = nearest(bucket, servers)
  return (other == 0 and owner or other) - 1
end
