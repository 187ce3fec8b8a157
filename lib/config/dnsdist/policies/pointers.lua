-- What policies have in common: their texts begin with this one.

local ffi = require("ffi")
local C = ffi.C

-- The addresses to remember of one type: the stacks of a thread's calls have few.
local MOST_POINTERS = 64

-- Turns what dnsdist hands to a policy, the address of an object of a type, into a pointer to it. LuaJIT compiles no function
-- that passes the address itself on to C; so it is turned once, and looked up from then on.
local function pointerTo(type)
  local known, count = {}, 0
  local pointer = ffi.typeof("const " .. type .. "*")
  return function(address)
    local found = known[address]
    if found then return found end
    if count == MOST_POINTERS then known, count = {}, 0 end
    found = ffi.cast(pointer, address)
    known[address], count = found, count + 1
    return found
  end
end

local listAt = pointerTo("dnsdist_ffi_servers_list_t")
