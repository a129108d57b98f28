return function() local function tower(n) while true do if n > 0 then pcall(tower, n - 1) end end end tower(150) end
