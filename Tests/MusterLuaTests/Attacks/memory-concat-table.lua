return function() local t = {} for i = 1, 1e9 do t[i] = "0123456789012345678901234567890123456789" .. i end return table.concat(t) end
