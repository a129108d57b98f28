return function() local mt = {} mt.__index = function(t, k) return t[k .. "x"] end return setmetatable({}, mt).a end
