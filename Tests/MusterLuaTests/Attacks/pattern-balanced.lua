return function() while true do ("("):rep(1e6):find("%b()") end end
