-- The policy `sendAnyway`, for the Lua state of each thread: all servers take turns, whether they are up or not.

local turn = 0

return function(address)
  turn = turn + 1
  return turn % tonumber(C.dnsdist_ffi_servers_list_get_count(listAt(address)))
end
