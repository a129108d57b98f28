return function() setmetatable("", { __index = {} }) end
