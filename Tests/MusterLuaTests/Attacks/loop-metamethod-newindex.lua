return function() local t = setmetatable({}, { __newindex = function() repeat until false end }) t.x = 1 end
