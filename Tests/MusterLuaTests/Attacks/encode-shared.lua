-- Ten levels of a table that holds the next level ten times: small in Lua, endless as JSON.
return function() local t = {'x'} for i = 1, 10 do local n = {} for k = 1, 10 do n[k] = t end t = n end return t end
