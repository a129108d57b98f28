return function() local mt = getmetatable("") if mt == nil then error("nothing to be had") end mt.__index = nil return mt end
