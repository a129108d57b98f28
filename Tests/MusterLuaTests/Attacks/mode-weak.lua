return function() setmetatable({}, { __mode = "k" }) end
