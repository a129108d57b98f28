return function() local t = { 2, 1 } table.sort(t, function(a, b) for i = 1, 1e6 do t[#t + 1] = {} end return a < b end) end
