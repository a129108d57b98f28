return function() local t = setmetatable({}, { __metatable = "closed" }) setmetatable(t, {}) end
