return function() while true do pcall(require, "nothing") end end
